//! The codes that a command ends with, by which a script tells answers from failures.

use std::process::ExitCode;

use gatelet_host::plain::INTERRUPTED;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    No,
    Incomplete,
    CouldNot,
    WrongUsage,
    Bug,
    Configuration,
    Interrupted,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub(crate) const ALL: [Self; 8] = [
        Self::Done,
        Self::No,
        Self::Incomplete,
        Self::CouldNot,
        Self::WrongUsage,
        Self::Bug,
        Self::Configuration,
        Self::Interrupted,
    ];

    /// The code, a word for it in JSON, and what it means.
    pub(crate) const fn facts(self) -> (u8, &'static str, &'static str) {
        match self {
            Self::Done => (0, "done", "Done, or the answer is yes."),
            Self::No => (1, "no", "The answer is no: mistakes were found, or it was refused."),
            Self::Incomplete => {
                (2, "incomplete", "Something is missing, so that the answer is not known.")
            }
            Self::CouldNot => (3, "could_not", "It could not be done, or not be found out."),
            Self::WrongUsage => (64, "wrong_usage", "The command was not understood."),
            Self::Bug => (70, "bug", "Gatelet has a bug; the message says what to report."),
            Self::Configuration => {
                (78, "configuration", "Settings, registry or environment are wrong.")
            }
            Self::Interrupted => (INTERRUPTED, "interrupted", "Somebody pressed Ctrl+C."),
        }
    }

    pub(crate) const fn code(self) -> u8 {
        self.facts().0
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
