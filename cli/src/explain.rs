//! `gatelet help` and `gatelet completions`: what can be said, for people and for shells.

use std::fmt::Write as _;

use clap_complete::Shell;
use gatelet_core::meant;
use serde_json::json;

use crate::definition::definition;
use crate::page::Page;
use crate::say::{Answer, Failure};
use crate::topics::{self, TOPICS};

/// Explains a command or a topic.
pub(crate) fn help(words: &[String]) -> Result<Answer, Failure> {
    let text = match words {
        [] => overview(),
        [topic] if let Some(text) = topics::text(topic) => text,
        words => of_command(words)?,
    };
    let json = json!({ "v": 1, "topic": words.join(" "), "help": text });
    Ok(Answer::found(Page::new().verbatim(text.trim_end()), json))
}

/// What a shell needs.
pub(crate) fn completions(shell: Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition(), "gatelet", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let json = json!({ "v": 1, "shell": shell.to_string(), "script": script });
    Answer::found(Page::new().verbatim(script), json)
}

fn overview() -> String {
    let mut text = definition().render_help().to_string();
    text.push_str("\n\nTopics, each explained by gatelet help TOPIC:\n");
    for (name, about) in TOPICS {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<12}  {about}");
    }
    text
}

fn of_command(words: &[String]) -> Result<String, Failure> {
    let mut command = definition();
    // What the parser hands down to a command it does when it is built.
    command.build();
    let mut known: Vec<&'static str> = TOPICS.iter().map(|(name, _)| *name).collect();
    let mut found = &mut command;
    for word in words {
        let names: Vec<String> = found.get_subcommands().map(|one| one.get_name().into()).collect();
        let Some(inner) = found.find_subcommand_mut(word) else {
            let names = names.iter().map(String::as_str).chain(known);
            return Err(unknown(word, &names.collect::<Vec<_>>()));
        };
        // Topics stand beside the commands, not within one.
        known.clear();
        found = inner;
    }
    Ok(found.render_help().to_string())
}

fn unknown(word: &str, known: &[&str]) -> Failure {
    let failure = Failure::usage(format!("there is no command and no topic \"{word}\""));
    match meant(word, known) {
        Some(known) => failure.note("next", format!("gatelet help {known}")),
        None => failure.note("next", "gatelet help"),
    }
}
