//! What was wrong with the words of a command. Values are never repeated: one may be a secret in the wrong place.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::say::Failure;

/// The failure that follows from what the parser says.
pub(crate) fn misunderstood(error: &clap::Error) -> Failure {
    let failure = Failure::usage(cause(error));
    let usage = text(error, ContextKind::Usage);
    let usage = usage.trim().trim_start_matches("Usage:").trim();
    let failure = match suggestion(error) {
        Some(meant) => failure.note("next", format!("did you mean {meant}?")),
        None => failure,
    };
    // The parser puts several forms of usage on lines of their own.
    let failure = match usage.lines().next() {
        Some(usage) => failure.note("usage", usage.trim()),
        None => failure,
    };
    failure.note("docs", "docs/reference/cli.md")
}

fn cause(error: &clap::Error) -> String {
    let argument = argument(error);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("there is no command \"{}\"", text(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("there is no option {argument}")
        }
        ErrorKind::UnknownArgument => "there is a word too many".into(),
        ErrorKind::InvalidValue if text(error, ContextKind::InvalidValue).is_empty() => {
            format!("{argument} needs a value")
        }
        ErrorKind::InvalidValue => {
            format!("{argument} must be one of {}", text(error, ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string);
            format!(
                "{argument} cannot be that: {}",
                why.unwrap_or_else(|| "it has another form".into())
            )
        }
        ErrorKind::MissingRequiredArgument => format!("{argument} is missing"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("it needs one of {}", text(error, ContextKind::ValidSubcommand))
        }
        ErrorKind::ArgumentConflict => match name(text(error, ContextKind::PriorArg)) {
            prior if prior == argument => format!("{argument} stands there twice"),
            prior => format!("{argument} and {prior} exclude each other"),
        },
        ErrorKind::InvalidUtf8 => "a word is not valid UTF-8".into(),
        _ => format!("{argument} has too many values or too few"),
    }
}

fn argument(error: &clap::Error) -> String {
    name(text(error, ContextKind::InvalidArg))
}

/// What the parser calls `--port <PORT>`, without what stands for the value.
fn name(argument: String) -> String {
    match argument.split_once(" <") {
        Some((name, _)) if name.starts_with('-') => name.to_owned(),
        _ => argument,
    }
}

fn suggestion(error: &clap::Error) -> Option<String> {
    let kinds = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
        ContextKind::SuggestedCommand,
    ];
    kinds.into_iter().map(|kind| text(error, kind)).find(|text| !text.is_empty())
}

fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(texts)) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
