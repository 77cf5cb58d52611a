//! What somebody asks of an automation, checked against its schema.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

use super::Automation;

/// The longest that all inputs may be together as JSON.
pub const INPUT_BYTES: usize = 32 * 1024;
/// The most mistakes that are told at once.
const MISTAKES: usize = 50;

/// One thing that is wrong with somebody's inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputMistake {
    /// Where: a JSON Pointer (RFC 6901) into the inputs.
    pub pointer: String,
    /// What is wrong there, in a stable word.
    pub code: &'static str,
    /// The same for people. It does not repeat what was sent.
    pub message: String,
}

impl Automation {
    /// Everything that is wrong with these inputs; nothing when they may be run. That a file was really uploaded is
    /// not asked here.
    #[must_use]
    pub fn check_inputs(&self, inputs: &Value) -> Vec<InputMistake> {
        if inputs.to_string().len() > INPUT_BYTES {
            let message =
                format!("All inputs together must not be longer than {} KiB", INPUT_BYTES / 1024);
            return vec![InputMistake { pointer: String::new(), code: "too_large", message }];
        }
        match validator(&self.inputs) {
            Ok(validator) => {
                let found = validator.iter_errors(inputs).flat_map(|error| mistakes(&error));
                found.take(MISTAKES).collect()
            }
            // The schema was compiled when the catalog was read.
            Err(problem) => {
                tracing::error!(automation = self.name, problem, "a schema does not compile");
                let message = "The schema of the automation is unsound".to_owned();
                vec![InputMistake { pointer: String::new(), code: "invalid", message }]
            }
        }
    }
}

/// Compiles a schema. Patterns are searched in linear time, formats are asserted, and nothing is fetched: there is no
/// resolver in this build.
pub(super) fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| format!("is no sound schema: {error}"))
}

fn mistakes(error: &ValidationError<'_>) -> Vec<InputMistake> {
    let at = error.instance_path().as_str().to_owned();
    let one =
        |pointer: String, code, message: String| vec![InputMistake { pointer, code, message }];
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            one(below(&at, name), "required", "This is needed".into())
        }
        Kind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| InputMistake {
                pointer: below(&at, name),
                code: "unknown",
                message: "There is no such input".into(),
            })
            .collect(),
        kind => {
            let (code, message) = words(kind);
            one(at, code, message)
        }
    }
}

/// A member's pointer (RFC 6901 §3).
fn below(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn words(kind: &Kind) -> (&'static str, String) {
    match kind {
        Kind::Type { kind } => ("type", format!("This must be {}", types(kind))),
        Kind::Enum { .. }
        | Kind::Constant { .. }
        | Kind::OneOfNotValid { .. }
        | Kind::OneOfMultipleValid { .. } => ("choice", "This must be one of the choices".into()),
        Kind::MinLength { limit: 1 } => ("too_short", "This must not be empty".into()),
        Kind::MinLength { limit } => {
            ("too_short", format!("This must have at least {limit} characters"))
        }
        Kind::MaxLength { limit } => {
            ("too_long", format!("This must have at most {limit} characters"))
        }
        Kind::Pattern { .. } => ("pattern", "This does not have the form that is asked for".into()),
        Kind::Format { format } => ("format", format!("This must be {}", format_words(format))),
        Kind::Minimum { limit } => ("too_small", format!("This must be {limit} or more")),
        Kind::Maximum { limit } => ("too_large", format!("This must be {limit} or less")),
        Kind::MinItems { limit } => ("too_few", format!("This must have at least {limit} entries")),
        Kind::MaxItems { limit } => ("too_many", format!("This must have at most {limit} entries")),
        Kind::UniqueItems => ("repeated", "No entry may stand here twice".into()),
        _ => ("invalid", "This is not what is asked for".into()),
    }
}

fn types(kind: &TypeKind) -> &'static str {
    let text = format!("{kind:?}");
    let word = |name: &str| text.contains(name);
    match () {
        () if word("Integer") => "a whole number",
        () if word("Number") => "a number",
        () if word("Boolean") => "yes or no",
        () if word("Array") => "a list",
        () if word("Object") => "an object",
        () => "a text",
    }
}

fn format_words(format: &str) -> &'static str {
    match format {
        "date" => "a date such as 2026-11-22",
        "date-time" => "a moment such as 2026-11-22T12:00:00Z",
        "uri" => "an address such as https://example.com",
        _ => "an e-mail address",
    }
}
