//! Weather: which calls to which dependency are lost, and how.

use std::sync::Mutex;

use gatelet_core::outage::Outage;

/// A dependency, as the failure table names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The table `identity`.
    Records,
    /// The table `audit`.
    Trail,
    /// The vault with secrets of our own and the providers' credentials.
    Secrets,
    /// The custody of the signing keys.
    Signer,
    /// The place where the registry lies.
    Registry,
    /// The identity provider.
    Provider,
    /// The table `runs`.
    Runs,
    /// The files.
    Files,
}

impl Port {
    /// Every dependency, in the order of the failure table's columns.
    pub const ALL: [Self; 8] = [
        Self::Records,
        Self::Trail,
        Self::Secrets,
        Self::Signer,
        Self::Registry,
        Self::Provider,
        Self::Runs,
        Self::Files,
    ];
}

/// What becomes of a call that a storm meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It is turned away whole, and its caller knows that.
    Refused,
    /// It never arrives, and its caller cannot know.
    Lost,
    /// It arrives and takes effect, and its answer is lost.
    AnswerLost,
}

/// A storm over one dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storm {
    /// Over which.
    pub port: Port,
    /// How many calls pass before it begins.
    pub after: usize,
    /// Whether it goes on until the weather clears. Otherwise it meets one call.
    pub lasts: bool,
    /// What becomes of the calls that it meets.
    pub loss: Loss,
}

/// The weather of a gateway. It begins clear.
#[derive(Default)]
pub struct Weather(Mutex<State>);

#[derive(Default)]
struct State {
    storm: Option<Storm>,
    calls: [usize; Port::ALL.len()],
}

impl Weather {
    /// A storm comes up, and calls are counted from now on.
    pub fn storm(&self, storm: Storm) {
        *self.0.lock().unwrap() = State { storm: Some(storm), ..State::default() };
    }

    /// A dependency is away from now on.
    pub fn away(&self, port: Port) {
        self.storm(Storm { port, after: 0, lasts: true, loss: Loss::Refused });
    }

    /// The weather clears, and calls are counted from now on.
    pub fn clear(&self) {
        *self.0.lock().unwrap() = State::default();
    }

    /// How many calls a dependency had since the weather last changed.
    pub fn calls(&self, port: Port) -> usize {
        self.0.lock().unwrap().calls[port as usize]
    }

    /// Counts a call, and says how it is lost if it is.
    pub(crate) fn meets(&self, port: Port) -> Option<Loss> {
        let mut state = self.0.lock().unwrap();
        let before = state.calls[port as usize];
        state.calls[port as usize] += 1;
        let storm = state.storm.filter(|storm| storm.port == port)?;
        let met = if storm.lasts { before >= storm.after } else { before == storm.after };
        met.then_some(storm.loss)
    }
}

impl Loss {
    /// What the caller of a read is told. A read that is lost has changed nothing, however it was lost.
    pub(crate) fn of_read() -> Outage {
        Outage::harmless("read from a played dependency", "there is a storm")
    }

    /// What the caller of a change is told.
    pub(crate) fn of_change(self) -> Outage {
        let (doing, cause) = ("change a played dependency", "there is a storm");
        match self {
            Self::Refused => Outage::harmless(doing, cause),
            Self::Lost | Self::AnswerLost => Outage::uncertain(doing, cause),
        }
    }
}
