//! The whole definition of the command: what can be said, and two examples of each.

use clap::CommandFactory as _;

use crate::arguments::Cli;

/// What stands where in a help text: examples before options.
const TEMPLATE: &str = "{about-with-newline}
{before-help}{usage-heading} {usage}

{all-args}{after-help}
";

/// What stands below the whole command's help.
const AFTER: &str = "Exit codes: 0 done or yes, 1 no, 3 could not be done, 64 wrong usage,
78 configuration, 130 interrupted. More: gatelet help";

/// Two examples a command: what to type, and what it does.
const EXAMPLES: &[(&str, [(&str, &str); 2])] = &[
    (
        "gatelet",
        [
            ("gatelet", "start everything here"),
            ("gatelet check --config registry.toml", "list every mistake"),
        ],
    ),
    (
        "gatelet dev",
        [
            ("gatelet dev --port 9000", "start everything here"),
            ("gatelet dev --reset", "begin again with an empty folder"),
        ],
    ),
    (
        "gatelet check",
        [
            ("gatelet check --config registry.toml", "for this machine"),
            ("gatelet check --config r.toml --base-url https://gate.example", "for a deployment"),
        ],
    ),
    (
        "gatelet work",
        [
            ("gatelet work", "until Ctrl+C, on .gatelet"),
            ("gatelet work --folder /data/gatelet", "on this folder"),
        ],
    ),
    (
        "gatelet upkeep",
        [
            ("gatelet upkeep", "once, on .gatelet"),
            ("gatelet upkeep --folder /data/gatelet", "once, on this folder"),
        ],
    ),
    (
        "gatelet probe",
        [
            ("gatelet probe", "with the Python that is found"),
            ("gatelet probe --python /usr/bin/python3.12", "with this one"),
        ],
    ),
    (
        "gatelet keys",
        [("gatelet keys list", "what is published"), ("gatelet keys rotate", "begin a rotation")],
    ),
    (
        "gatelet keys list",
        [
            ("gatelet keys list", "with moments in UTC"),
            ("gatelet keys list --local", "with moments in this machine's time"),
        ],
    ),
    (
        "gatelet keys rotate",
        [
            ("gatelet keys rotate", "publish the next key"),
            ("gatelet keys rotate --json", "the same, for a script"),
        ],
    ),
    (
        "gatelet keys retire",
        [
            ("gatelet keys retire KID", "once its tokens have ended"),
            ("gatelet keys retire KID --yes", "now: its private half is known to others"),
        ],
    ),
    (
        "gatelet secrets",
        [
            ("gatelet secrets list", "names and ages"),
            ("gatelet secrets rotate refresh-pepper", "draw a new version"),
        ],
    ),
    (
        "gatelet secrets list",
        [
            ("gatelet secrets list", "names and ages"),
            ("gatelet secrets list --json", "the same, for a script"),
        ],
    ),
    (
        "gatelet secrets rotate",
        [
            ("gatelet secrets rotate login-sealing-key", "draw a new version"),
            ("gatelet secrets rotate connection-acme-prod < FILE", "put a value of somebody else"),
        ],
    ),
    (
        "gatelet automation",
        [
            ("gatelet automation list", "what can be run"),
            ("gatelet automation new disk-report", "begin one of your own"),
        ],
    ),
    (
        "gatelet automation list",
        [
            ("gatelet automation list", "those that come with the gateway, or of ./automations"),
            ("gatelet automation list --catalog jobs", "those of another folder"),
        ],
    ),
    (
        "gatelet automation show",
        [
            ("gatelet automation show access-review", "in words"),
            ("gatelet automation show access-review --json", "with its form"),
        ],
    ),
    (
        "gatelet automation new",
        [
            ("gatelet automation new disk-report", "in automations/disk-report"),
            ("gatelet automation new disk-report --catalog jobs", "in jobs/disk-report"),
        ],
    ),
    (
        "gatelet automation prepare",
        [
            ("gatelet automation prepare access-review", "for the gateway in .gatelet"),
            ("gatelet automation prepare access-review --folder /data/gatelet", "for this one"),
        ],
    ),
    (
        "gatelet automation test",
        [
            ("gatelet automation test access-review", "every recording"),
            ("gatelet automation test access-review sample", "one of them"),
        ],
    ),
    (
        "gatelet audit",
        [
            ("gatelet audit verify evidence.jsonl", "in words"),
            ("gatelet audit verify evidence.jsonl --json", "for a script"),
        ],
    ),
    (
        "gatelet audit verify",
        [
            ("gatelet audit verify evidence.jsonl", "in words"),
            ("gatelet audit verify evidence.jsonl --json", "for a script"),
        ],
    ),
    (
        "gatelet login",
        [
            ("gatelet login", "at the gateway on this machine"),
            ("gatelet login --gateway https://gate.example", "at another one"),
        ],
    ),
    (
        "gatelet logout",
        [
            ("gatelet logout", "at the gateway on this machine"),
            ("gatelet logout --gateway https://gate.example", "at another one"),
        ],
    ),
    (
        "gatelet token",
        [
            ("gatelet token", "for the gateway's own API"),
            ("gatelet token --scope \"me runs:read\"", "one that may do less"),
        ],
    ),
    (
        "gatelet completions",
        [
            ("gatelet completions bash > ~/.local/share/bash-completion/completions/gatelet", ""),
            ("gatelet completions fish > ~/.config/fish/completions/gatelet.fish", ""),
        ],
    ),
    (
        "gatelet help",
        [("gatelet help exit-codes", "a topic"), ("gatelet help keys rotate", "a command")],
    ),
];

/// The command as it is parsed, explained and completed.
pub(crate) fn definition() -> clap::Command {
    let command = Cli::command().color(clap::ColorChoice::Never).term_width(80).after_help(AFTER);
    shown(command, "gatelet")
}

/// The examples of a command, each with what it does.
pub(crate) fn examples(path: &str) -> &'static [(&'static str, &'static str)] {
    let found = EXAMPLES.iter().find(|(of, _)| *of == path);
    found.map(|(_, examples)| examples.as_slice()).unwrap_or_default()
}

fn shown(command: clap::Command, path: &str) -> clap::Command {
    let path = path.to_owned();
    let examples = examples(&path);
    let width = examples.iter().map(|(typed, _)| typed.len()).max().unwrap_or(0);
    // What an example does stands below it where both are too long for one line.
    let beside = examples.iter().all(|(_, does)| width + 4 + does.len() <= 80);
    let lines = examples.iter().map(|(typed, does)| match (does.is_empty(), beside) {
        (true, _) => format!("  {typed}\n"),
        (false, true) => format!("  {typed:<width$}  {does}\n"),
        (false, false) => format!("  {typed}\n      {does}\n"),
    });
    let lines: String = lines.collect();
    let command = command.help_template(TEMPLATE).arg_required_else_help(false);
    let command = command.before_help(format!("Examples:\n{}", lines.trim_end()));
    command.mut_subcommands(|inner| {
        let path = format!("{path} {}", inner.get_name());
        shown(inner, &path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(command: &clap::Command, path: &str) -> Vec<String> {
        let inner = command.get_subcommands();
        let inner = inner.flat_map(|one| paths(one, &format!("{path} {}", one.get_name())));
        std::iter::once(path.to_owned()).chain(inner).collect()
    }

    #[test]
    fn every_command_has_two_examples_that_are_understood() {
        let paths = paths(&definition(), "gatelet");
        assert_eq!(paths.len(), EXAMPLES.len(), "{paths:?}");
        for path in paths {
            let examples = examples(&path);
            assert_eq!(examples.len(), 2, "{path}");
            for (typed, _) in examples {
                let typed = typed.split(" < ").next().unwrap().split(" > ").next().unwrap();
                let typed = typed.replace("\"me runs:read\"", "me");
                assert!(typed.starts_with(&path), "{typed}");
                let parsed = definition().try_get_matches_from(typed.split(' '));
                assert!(parsed.is_ok(), "{typed}: {parsed:?}");
            }
        }
    }

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }
}
