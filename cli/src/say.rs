//! How the command line answers: results on standard output, errors on standard error, and a code that a script can
//! tell apart.

use std::io::{self, Write as _};
use std::process::ExitCode;

use gatelet_core::automation::catalog::{CatalogMistake, CatalogMistakes};
use gatelet_core::outage::{Chain, Outage};
use gatelet_core::records::StoreError;
use gatelet_core::registry::RegistryMistakes;
use gatelet_host::{Error, Mistakes};
use serde_json::{Map, Value, json};

use crate::exit::Exit;
use crate::page::{Cell, Page, Tone};
use crate::voice::Voice;

/// What was done or found.
pub(crate) struct Answer {
    page: Page,
    json: Value,
    exit: Exit,
    /// Whether the words only confirm what was done, so that nobody misses them who wants quiet.
    confirms: bool,
}

impl Answer {
    /// What was found, in words and as a JSON object.
    pub(crate) const fn found(page: Page, json: Value) -> Self {
        Self { page, json, exit: Exit::Done, confirms: false }
    }

    /// What was done.
    pub(crate) const fn done(page: Page, json: Value) -> Self {
        Self { page, json, exit: Exit::Done, confirms: true }
    }

    /// The same with another code.
    pub(crate) fn with_exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

/// What did not happen, why, and what to do about it.
pub(crate) struct Failure {
    exit: Exit,
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
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), notes: Vec::new(), mistakes: Vec::new() }
    }

    /// The answer is no.
    pub(crate) fn no(what: impl Into<String>) -> Self {
        Self::new(Exit::No, what)
    }

    /// It could not be done.
    pub(crate) fn could_not(doing: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(Exit::CouldNot, format!("could not {doing}"))
            .note("cause", Chain(cause).to_string())
    }

    /// The command makes no sense.
    pub(crate) fn usage(cause: impl Into<String>) -> Self {
        Self::new(Exit::WrongUsage, "the command was not understood").note("cause", cause)
    }

    /// A check found these.
    pub(crate) fn mistakes(in_what: &str, mistakes: Vec<Mistake>) -> Self {
        let count = mistakes.len();
        let plural = if count == 1 { "" } else { "s" };
        let what = format!("{count} mistake{plural} in {in_what}");
        Self::found(Exit::No, what, mistakes)
    }

    /// A check ended with this code, because of these.
    pub(crate) fn found(exit: Exit, what: impl Into<String>, mistakes: Vec<Mistake>) -> Self {
        Self { mistakes, ..Self::new(exit, what) }
    }

    /// The same, where a process could not start because of it.
    fn in_configuration(self) -> Self {
        Self { exit: Exit::Configuration, ..self }
    }

    /// Adds a line such as `next`.
    pub(crate) fn note(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.notes.push((label, text.into()));
        self
    }

    pub(crate) fn page(&self) -> Page {
        let page = Page::new().headed(Cell::state("error:", Tone::Bad), self.what.as_str());
        let has_lines = self.mistakes.iter().any(|mistake| mistake.line.is_some());
        let mistakes = self.mistakes.iter().map(|Mistake { line, at, problem }| {
            let line = line.map(|line| format!("line {line}")).unwrap_or_default();
            let cells = [line, at.clone(), problem.clone()];
            cells.into_iter().skip(usize::from(!has_lines)).map(Cell::from).collect()
        });
        // As wide as the commonest of them, so that one error looks like another.
        let notes = self.notes.iter();
        let notes =
            notes.map(|(label, text)| vec![format!("{label:<5}").into(), text.as_str().into()]);
        page.table(2, mistakes.chain(notes))
    }

    pub(crate) fn json(&self) -> Value {
        let (code, word, _) = self.exit.facts();
        let mut object = Map::new();
        object.insert("v".into(), 1.into());
        object.insert("code".into(), word.into());
        object.insert("exit".into(), code.into());
        object.insert("title".into(), self.what.clone().into());
        for (label, note) in &self.notes {
            // The API's name for it.
            let label = if *label == "trace" { "trace_id" } else { label };
            object.insert(label.into(), note.clone().into());
        }
        if !self.mistakes.is_empty() {
            let mistakes = self.mistakes.iter().map(|Mistake { line, at, problem }| {
                json!({ "line": line, "at": at, "message": problem })
            });
            object.insert("errors".into(), mistakes.collect());
        }
        Value::Object(object)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Settings(mistakes) => Self::mistakes("the settings", of_settings(mistakes))
                .in_configuration()
                .note("docs", "docs/reference/configuration.md"),
            Error::Registry { from, mistakes } => Self::mistakes(&from, listed(mistakes))
                .in_configuration()
                .note("docs", "docs/guides/registry.md"),
            Error::Catalog { from, mistakes } => Self::mistakes(&from, of_catalog(mistakes))
                .in_configuration()
                .note("docs", "docs/reference/automation-toml.md"),
            Error::Start { doing, cause, next } => {
                let failure = Self::could_not(&doing, cause.as_ref());
                match next {
                    Some(next) => failure.note("next", next),
                    None => failure,
                }
            }
            Error::Interrupted => Self::new(Exit::Interrupted, "stopped before it was done")
                .note("cause", "somebody pressed Ctrl+C")
                .note("next", "the same command again; what was done so far does no harm"),
        }
    }
}

/// The mistakes of a registry, to be printed.
pub(crate) fn listed(mistakes: RegistryMistakes) -> Vec<Mistake> {
    let mistakes = mistakes.0.into_iter();
    mistakes.map(|one| Mistake { line: one.line, at: one.at, problem: one.problem }).collect()
}

/// The mistakes of a catalog, to be printed.
pub(crate) fn of_catalog(mistakes: CatalogMistakes) -> Vec<Mistake> {
    let mistakes = mistakes.0.into_iter().map(|CatalogMistake { file, mistake }| {
        let folder = file.split('/').next().unwrap_or_default();
        let at = format!("{folder}: {}", mistake.at);
        Mistake { line: mistake.line, at, problem: mistake.problem }
    });
    mistakes.collect()
}

/// The mistakes of settings, to be printed.
pub(crate) fn of_settings(mistakes: Mistakes) -> Vec<Mistake> {
    let mistakes = mistakes.0.into_iter();
    mistakes.map(|one| Mistake { line: None, at: one.name, problem: one.problem }).collect()
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

/// Prints what came of a command.
pub(crate) fn tell(outcome: &Result<Answer, Failure>, voice: &Voice) -> ExitCode {
    let told = match outcome {
        Ok(answer) if voice.json => write_out(&format!("{}\n", answer.json)),
        Ok(answer) if voice.quiet && answer.confirms => Ok(()),
        Ok(answer) => write_out(&answer.page.render(voice.out)),
        Err(failure) => complain(failure, voice),
    };
    let exit = match outcome {
        Ok(answer) => answer.exit,
        Err(failure) => failure.exit,
    };
    match told {
        // An answer that nobody got is none.
        Err(error) if exit == Exit::Done => {
            let failure = Failure::could_not("write the answer", &error);
            let _ = io::stderr().write_all(failure.page().render(voice.err).as_bytes());
            Exit::CouldNot.into()
        }
        _ => exit.into(),
    }
}

/// Prints an error: for people on standard error, and for programs where they expect the answer.
pub(crate) fn complain(failure: &Failure, voice: &Voice) -> io::Result<()> {
    if voice.json {
        return write_out(&format!("{}\n", failure.json()));
    }
    io::stderr().write_all(failure.page().render(voice.err).as_bytes())
}

/// Writes to standard output. Whoever read it may have enough of it, and leave; that is no error.
pub(crate) fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes to standard error, unless quiet was asked for. That nobody reads it changes nothing.
pub(crate) fn remark(page: &Page, voice: &Voice) {
    if !voice.quiet {
        let _ = io::stderr().write_all(page.render(voice.err).as_bytes());
    }
}
