//! What a runner posts, and the little of it that its carrier must understand.

use serde::Deserialize;
use serde_json::Value;

use crate::automation::Exit;

/// The longest letter, in bytes: the longest message with what surrounds it.
pub const LETTER_BYTES: usize = 516 * 1024;
/// The longest name that an invocation gives itself.
const NONCE_BYTES: usize = 64;

/// A letter: exactly one of `message`, `output`, `exit` and `pulse`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// Its number, from one and by one. A pulse has none.
    #[serde(default)]
    pub(super) n: u32,
    /// What the invocation calls itself: in its first letter, and in no other.
    #[serde(default)]
    pub(super) nonce: Option<String>,
    /// What the script says.
    #[serde(default)]
    message: Option<Value>,
    /// What it wrote to its outputs.
    #[serde(default)]
    output: Option<Vec<String>>,
    /// How it ended. Nothing follows.
    #[serde(default)]
    exit: Option<ExitWord>,
    /// The runner lives, and asks whether it should go on.
    #[serde(default)]
    pulse: bool,
}

/// What a letter says.
#[derive(Debug)]
pub(super) enum Said {
    Message(Value),
    Output(Vec<String>),
    Exit(Exit),
    Pulse,
}

/// How a script ended, in a runner's words.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ExitWord {
    Status(i32),
    Signal(i32),
    Stopped(String),
}

impl ExitWord {
    pub(super) fn exit(self) -> Exit {
        const WORDS: [&str; 7] = [
            "timed_out",
            "cancelled",
            "lease_lost",
            "attempt_taken",
            "outcome_unknown",
            "too_much_output",
            "worker_ends",
        ];
        match self {
            Self::Status(status) => Exit::Status(status),
            Self::Signal(signal) => Exit::Signal(signal),
            Self::Stopped(reason) => {
                Exit::Stopped(WORDS.into_iter().find(|word| *word == reason).unwrap_or("stopped"))
            }
        }
    }
}

impl Letter {
    /// Reads a body. `None` for what no runner of ours posts.
    pub(super) fn read(body: &[u8]) -> Option<(u32, Option<String>, Said)> {
        let Self { n, nonce, message, output, exit, pulse } = serde_json::from_slice(body).ok()?;
        let said = match (message, output, exit, pulse) {
            (Some(message), None, None, false) => Said::Message(message),
            (None, Some(lines), None, false) => Said::Output(lines),
            (None, None, Some(exit), false) => Said::Exit(exit.exit()),
            (None, None, None, true) => Said::Pulse,
            _ => return None,
        };
        let is_plain = |nonce: &String| {
            (16..=NONCE_BYTES).contains(&nonce.len()) && nonce.bytes().all(|b| b.is_ascii_graphic())
        };
        let is_well_named = match n {
            0 => matches!(said, Said::Pulse) && nonce.is_none(),
            1 => !matches!(said, Said::Pulse) && nonce.as_ref().is_some_and(is_plain),
            _ => !matches!(said, Said::Pulse) && nonce.is_none(),
        };
        is_well_named.then_some((n, nonce, said))
    }
}
