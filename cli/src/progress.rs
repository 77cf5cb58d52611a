//! What is said while something takes longer than a second: on a terminal one line that is written again, elsewhere a
//! line every ten seconds.

use std::io::Write as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crate::page::harmless;
use crate::voice::Voice;

/// How long nothing is said, and how often the line of a terminal is written again.
const SECOND: Duration = Duration::from_secs(1);
/// How often something is said where there is no terminal.
const SELDOM: Duration = Duration::from_secs(10);

/// Says what is being done, until it is dropped.
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Begins. `doing` is what is being done, as the beginning of a sentence.
    pub(crate) fn begin(voice: &Voice, doing: &str) -> Self {
        if voice.quiet {
            return Self(None);
        }
        let doing = harmless(doing, voice.err.utf8);
        let (redraws, (sender, ended)) = (voice.redraws, channel());
        let thread =
            Builder::new().name("progress".into()).spawn(move || say(&doing, redraws, &ended));
        // Without a thread it stays unsaid.
        Self(thread.ok().map(|thread| (sender, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.0.take() {
            drop(sender);
            // It has nothing to fail with but writing, which it does not mind.
            let _ = thread.join();
        }
    }
}

fn say(doing: &str, redraws: bool, ended: &Receiver<()>) {
    let (began, mut err) = (Instant::now(), std::io::stderr());
    let pause = if redraws { SECOND } else { SELDOM };
    let mut said = false;
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let seconds = began.elapsed().as_secs();
        let _ = if redraws {
            write!(err, "\r{doing} ({seconds} s)\x1b[K")
        } else {
            writeln!(err, "{doing} ({seconds} s)")
        };
        said = true;
    }
    if said && redraws {
        let _ = write!(err, "\r\x1b[K");
    }
}
