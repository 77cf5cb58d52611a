//! How the command line answers: results on standard output, errors on standard error, and a code that a script can
//! tell apart.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use gatelet_core::outage::{Chain, Outage};
use gatelet_core::records::StoreError;
use gatelet_host::Error;
use serde_json::{Map, Value, json};

/// The answer is no.
const NO: u8 = 1;
/// It could not be done, or not be found out.
const COULD_NOT: u8 = 3;
/// The command was not understood.
pub(crate) const WRONG_USAGE: u8 = 64;
/// Settings or registry are wrong.
const CONFIGURATION: u8 = 78;

/// What was done or found.
pub(crate) struct Answer {
    text: String,
    json: Value,
}

impl Answer {
    /// The same in words and as a JSON object.
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json }
    }

    /// Done, and nothing to say.
    pub(crate) const fn nothing() -> Self {
        Self { text: String::new(), json: Value::Null }
    }
}

/// What did not happen, why, and what to do about it.
pub(crate) struct Failure {
    exit: u8,
    what: String,
    notes: Vec<(&'static str, String)>,
    mistakes: Vec<Mistake>,
}

/// One of several things that are wrong.
pub(crate) struct Mistake {
    pub(crate) line: Option<usize>,
    pub(crate) at: String,
    pub(crate) problem: String,
}

impl Failure {
    fn new(exit: u8, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), notes: Vec::new(), mistakes: Vec::new() }
    }

    /// The answer is no.
    pub(crate) fn no(what: impl Into<String>) -> Self {
        Self::new(NO, what)
    }

    /// It could not be done.
    pub(crate) fn could_not(doing: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(COULD_NOT, format!("could not {doing}")).note("cause", Chain(cause).to_string())
    }

    /// The command makes no sense.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(WRONG_USAGE, what)
    }

    /// A check found these.
    pub(crate) fn mistakes(in_what: &str, mistakes: Vec<Mistake>) -> Self {
        let count = mistakes.len();
        let plural = if count == 1 { "" } else { "s" };
        let what = format!("{count} mistake{plural} in {in_what}");
        Self { mistakes, ..Self::new(NO, what) }
    }

    /// The same, where a process could not start because of it.
    fn in_configuration(self) -> Self {
        Self { exit: CONFIGURATION, ..self }
    }

    /// Adds a line such as `next`.
    pub(crate) fn note(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.notes.push((label, text.into()));
        self
    }

    fn text(&self) -> String {
        let mut text = format!("error: {}\n", self.what);
        let width = self.mistakes.iter().map(|mistake| mistake.place().len()).max().unwrap_or(0);
        // Writing to a string cannot fail.
        for mistake in &self.mistakes {
            let _ = writeln!(text, "  {:<width$}  {}", mistake.place(), mistake.problem);
        }
        for (label, note) in &self.notes {
            let _ = writeln!(text, "  {label:<5}  {note}");
        }
        text
    }

    fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("v".into(), 1.into());
        object.insert("error".into(), self.what.clone().into());
        for (label, note) in &self.notes {
            object.insert((*label).into(), note.clone().into());
        }
        if !self.mistakes.is_empty() {
            let mistakes = self.mistakes.iter();
            let mistakes = mistakes.map(|Mistake { line, at, problem }| json!({ "line": line, "at": at, "problem": problem }));
            object.insert("mistakes".into(), mistakes.collect());
        }
        Value::Object(object)
    }
}

impl Mistake {
    fn place(&self) -> String {
        self.line.map_or_else(|| self.at.clone(), |line| format!("line {line}  {}", self.at))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Settings(mistakes) => {
                let mistakes = mistakes.0.into_iter();
                let mistakes =
                    mistakes.map(|one| Mistake { line: None, at: one.name, problem: one.problem });
                Self::mistakes("the settings", mistakes.collect())
                    .in_configuration()
                    .note("docs", "docs/reference/configuration.md")
            }
            Error::Registry { from, mistakes } => Self::mistakes(&from, listed(mistakes))
                .in_configuration()
                .note("docs", "docs/guides/registry.md"),
            Error::Start { doing, cause, next } => {
                let failure = Self::could_not(&doing, cause.as_ref());
                match next {
                    Some(next) => failure.note("next", next),
                    None => failure,
                }
            }
        }
    }
}

/// The mistakes of a registry, to be printed.
pub(crate) fn listed(mistakes: gatelet_core::registry::RegistryMistakes) -> Vec<Mistake> {
    let mistakes = mistakes.0.into_iter();
    mistakes.map(|one| Mistake { line: one.line, at: one.at, problem: one.problem }).collect()
}

impl From<Outage> for Failure {
    fn from(outage: Outage) -> Self {
        StoreError::from(outage).into()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::could_not("use the store", &error)
    }
}

/// Prints what came of a command. Nobody may be reading, which changes nothing.
pub(crate) fn tell(outcome: Result<Answer, Failure>, json: bool) -> ExitCode {
    let mut out = std::io::stdout();
    match outcome {
        Ok(Answer { json: Value::Null, .. }) => ExitCode::SUCCESS,
        Ok(answer) => {
            let text = if json { answer.json.to_string() } else { answer.text };
            let _ = writeln!(out, "{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            if json {
                let _ = writeln!(out, "{}", failure.json());
            } else {
                let _ = std::io::stderr().write_all(failure.text().as_bytes());
            }
            ExitCode::from(failure.exit)
        }
    }
}
