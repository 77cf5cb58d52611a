//! How a process is asked to end: politely once, and at once by the second Ctrl+C.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::INTERRUPTED;
use crate::error::Error;

/// Who asked a process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody at the terminal.
    Interrupted,
    /// Whoever looks after processes.
    Terminated,
}

/// The wishes to end, from the moment at which this is made.
pub(super) struct Wishes {
    interrupt: Signal,
    terminate: Signal,
}

impl Wishes {
    /// Listens. From here on one Ctrl+C ends nothing by itself, and the one after it ends the process at once.
    pub(super) fn listen() -> Result<Self, Error> {
        let failed = |error: io::Error| Error::start("listen for Ctrl+C", error);
        second_ends_at_once().map_err(failed)?;
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Self { interrupt, terminate })
    }

    /// Waits for one.
    pub(super) async fn next(&mut self) -> Ended {
        tokio::select! {
            _ = self.interrupt.recv() => Ended::Interrupted,
            _ = self.terminate.recv() => Ended::Terminated,
        }
    }
}

/// Does work that Ctrl+C may stop at any point where it waits. Each order of commits is one in which that is harmless.
pub(super) async fn unless_interrupted<T, E: From<Error>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let failed = |error: io::Error| Error::start("listen for Ctrl+C", error);
    second_ends_at_once().map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        biased;
        done = work => done,
        _ = interrupt.recv() => Err(Error::Interrupted.into()),
    }
}

fn second_ends_at_once() -> io::Result<()> {
    let asked = Arc::new(AtomicBool::new(false));
    // In this order: the first one finds the flag down, and puts it up.
    flag::register_conditional_shutdown(SIGINT, INTERRUPTED.into(), Arc::clone(&asked))?;
    flag::register(SIGINT, Arc::clone(&asked))?;
    flag::register(SIGTERM, asked)?;
    Ok(())
}
