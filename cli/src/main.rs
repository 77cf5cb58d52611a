//! `gatelet`: the gateway on one machine, and the commands of whoever operates or uses one.

mod arguments;
mod audit;
mod automation;
mod bug;
mod check;
mod client;
mod definition;
mod dev;
mod exit;
mod explain;
mod keys;
mod page;
mod probe;
mod progress;
mod reference;
mod say;
mod secrets;
mod topics;
mod usage;
mod voice;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};
use gatelet_host::plain::{Place, tick_once};
use serde_json::json;

use self::arguments::{Cli, Command, DevArgs};
use self::exit::Exit;
use self::page::Page;
use self::progress::Progress;
use self::say::{Answer, Failure, tell};
use self::voice::Voice;

/// The release and its commit.
const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("BUILT_FROM_COMMIT"), ")");

fn main() -> ExitCode {
    let began = Instant::now();
    let words: Vec<OsString> = std::env::args_os().collect();
    // What the gateway starts to run a script. Nobody types it.
    if words.get(1).is_some_and(|word| word == gatelet_cage::WORD) {
        return gatelet_cage::enter(words.into_iter().nth(2));
    }
    let voice = Voice::guess(&words);
    bug::report_panics(voice.clone());
    bug::unless_bug(|| answer(words, &voice, began)).unwrap_or_else(|| Exit::Bug.into())
}

fn answer(words: Vec<OsString>, guessed: &Voice, began: Instant) -> ExitCode {
    // Examples are written down only where somebody is going to read them.
    let parsed = Cli::command().try_get_matches_from(&words);
    match parsed.and_then(|found| Cli::from_arg_matches(&found)) {
        Ok(cli) => {
            let voice = Voice::new(&cli.output);
            tell(&run(cli, &voice, began), &voice)
        }
        Err(error) if error.kind() == ErrorKind::DisplayVersion => tell(&Ok(version()), guessed),
        Err(error) => {
            let explained = definition::definition().try_get_matches_from(words);
            tell(&unparsed(&explained.err().unwrap_or(error)), guessed)
        }
    }
}

fn version() -> Answer {
    let (version, commit) = (env!("CARGO_PKG_VERSION"), env!("BUILT_FROM_COMMIT"));
    let json = json!({ "v": 1, "version": version, "commit": commit });
    Answer::found(Page::new().line(format!("gatelet {VERSION}")), json)
}

/// Help is asked for; anything else is a mistake.
fn unparsed(error: &clap::Error) -> Result<Answer, Failure> {
    if error.kind() != ErrorKind::DisplayHelp {
        return Err(usage::misunderstood(error));
    }
    let text = error.to_string();
    let json = json!({ "v": 1, "help": text });
    Ok(Answer::found(Page::new().verbatim(text.trim_end()), json))
}

fn run(cli: Cli, voice: &Voice, began: Instant) -> Result<Answer, Failure> {
    let port = cli.place.port;
    let place = cli.place.place();
    match cli.command.unwrap_or(Command::Dev(DevArgs::default())) {
        Command::Dev(arguments) => {
            let place = Place { base_url: arguments.base_url.clone(), ..place };
            dev::dev(&place, &arguments, voice, began)
        }
        Command::Work => dev::work(&place, voice),
        Command::Upkeep => {
            let _progress = Progress::begin(voice, "Doing the upkeep");
            tick_once(upkeep::on_tick, &place)?;
            let page = Page::new().line("The upkeep is done.");
            Ok(Answer::done(page, json!({ "v": 1, "result": "done" })))
        }
        Command::Check { base_url } => check::check(&place, base_url, voice),
        Command::Probe => probe::probe(&place, voice),
        Command::Keys { what } => keys::keys(&place, &what, voice),
        Command::Secrets { what } => secrets::secrets(&place, &what, voice),
        Command::Automation { what } => automation::automation(&place, &what, voice),
        Command::Audit { what } => audit::audit(&what),
        Command::Login(gateway) => client::login(&gateway, port, voice),
        Command::Logout(gateway) => client::logout(&gateway, port, voice),
        Command::Token(arguments) => client::token(&arguments, port, voice),
        Command::Completions { shell } => Ok(explain::completions(shell)),
        Command::Help { words } => explain::help(&words),
    }
}
