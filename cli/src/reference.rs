//! The reference of the command as one Markdown page, made from its own definition.

use std::fmt::Write as _;

use clap::{Arg, Command};

use crate::definition::{definition, examples};
use crate::exit::Exit;
use crate::topics::{TOPICS, text};

const HEAD: &str = "\
# The command `gatelet`

For whoever runs, operates or uses a gateway at a terminal. Written by `cargo xtask bless` from the command's own
definition; `gatelet help` says the same. `gatelet serve` is another name of `gatelet dev`, which is also what `gatelet`
without a command does.
";

/// The whole page.
pub(crate) fn page() -> String {
    let mut command = definition();
    command.build();
    let mut page = HEAD.to_owned();
    for inner in command.get_subcommands() {
        section(&mut page, inner, "gatelet", 2);
    }
    page.push_str("\n## Options of every command\n");
    options(&mut page, command.get_arguments().filter(|one| one.is_global_set()));
    page.push_str("\n## Exit codes\n\n| code | `code` in JSON | meaning |\n|---|---|---|\n");
    for exit in Exit::ALL {
        let (code, word, meaning) = exit.facts();
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| {code} | `{word}` | {meaning} |");
    }
    for (name, _) in TOPICS.iter().filter(|(name, _)| !["exit-codes", "reference"].contains(name)) {
        let text = text(name).unwrap_or_default();
        let _ = write!(page, "\n## Topic: {name}\n\n```text\n{text}\n```\n");
    }
    page
}

fn section(page: &mut String, command: &Command, above: &str, depth: usize) {
    let path = format!("{above} {}", command.get_name());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = write!(page, "\n{} `{path}`\n\n{about}\n", "#".repeat(depth));
    page.push('\n');
    for (typed, does) in examples(&path) {
        let does = if does.is_empty() { String::new() } else { format!(": {does}") };
        let _ = writeln!(page, "- `{typed}`{does}");
    }
    let own =
        |one: &&Arg| !one.is_global_set() && !["help", "version"].contains(&one.get_id().as_str());
    options(page, command.get_arguments().filter(own));
    for inner in command.get_subcommands() {
        section(page, inner, &path, depth + 1);
    }
}

fn options<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: String = arguments.map(row).collect();
    if !rows.is_empty() {
        let _ = write!(page, "\n| option | unless given | meaning |\n|---|---|---|\n{rows}");
    }
}

fn row(argument: &Arg) -> String {
    let takes = argument.get_action().takes_values();
    let value = argument.get_value_names().unwrap_or_default().first().map(ToString::to_string);
    let value = value.filter(|_| takes).unwrap_or_default();
    let name = match (argument.get_long(), argument.get_short()) {
        (Some(long), Some(short)) => format!("--{long}, -{short}"),
        (Some(long), None) if takes => format!("--{long} {value}"),
        (Some(long), None) => format!("--{long}"),
        (None, _) => value,
    };
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| takes)
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let values =
        if values.is_empty() { values.join("") } else { format!(" One of {}.", values.join(", ")) };
    let default =
        argument.get_default_values().iter().filter(|_| takes).map(|one| one.to_string_lossy());
    let default = default.map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" ");
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    format!("| `{name}` | {default} | {}{values} |\n", help.trim_end_matches('.').to_owned() + ".")
}
