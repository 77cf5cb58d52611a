//! The shapes of a letter and of its answer, for the API's description.
#![expect(dead_code, reason = "they are described and never made")]

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A letter: one of `message`, `output`, `exit` and `pulse`.
#[derive(ToSchema)]
#[schema(as = Letter)]
pub(crate) struct LetterShape {
    /// Its number, from one. A pulse has none.
    #[schema(minimum = 1)]
    n: Option<u32>,
    /// What the invocation calls itself: in its first letter only.
    nonce: Option<String>,
    /// What the script says.
    message: Option<Map<String, Value>>,
    /// Lines of its outputs.
    output: Option<Vec<String>>,
    /// How it ended: `status`, `signal` or `stopped`. Nothing follows.
    exit: Option<Map<String, Value>>,
    /// The runner lives.
    pulse: Option<bool>,
}

/// An answer.
#[derive(ToSchema)]
#[schema(as = LetterAnswer)]
pub(crate) struct AnswerShape {
    /// `go`, `begin`, `skip`, `stop`, `wrong` or `wait`.
    a: String,
}
