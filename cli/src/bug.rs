//! What is said when Gatelet itself is at fault: where, and what to report. What a panic says is left out, because it
//! may hold a value that is nobody's business.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

use crate::VERSION;
use crate::exit::Exit;
use crate::say::{Failure, complain};
use crate::voice::Voice;

/// Reports every panic of this process from now on, in whichever thread.
pub(crate) fn report_panics(voice: Voice) {
    set_hook(Box::new(move |panic| {
        // Nobody may be there to read it.
        let _ = complain(&described(panic), &voice);
    }));
}

/// Does something in which there may be a bug; `None` when there was one. It has been reported then.
pub(crate) fn unless_bug<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Nothing of it is used after a panic.
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn described(panic: &PanicHookInfo<'_>) -> Failure {
    let place = panic.location().map_or_else(
        || "at a place that is not known".to_owned(),
        |place| format!("at {}:{}", place.file(), place.line()),
    );
    Failure::new(Exit::Bug, "gatelet has a bug and could not go on")
        .note("cause", place)
        .note(
            "next",
            "report it as CONTRIBUTING.md says: these lines, and the command that you ran",
        )
        .note("version", VERSION)
}
