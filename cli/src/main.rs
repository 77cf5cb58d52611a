//! `gatelet`: the gateway on one machine, and the commands of whoever operates or uses one.

mod arguments;
mod check;
mod client;
mod keys;
mod say;
mod secrets;

use std::process::ExitCode;

use clap::Parser as _;
use gatelet_host::plain::{App, serve, tick_once};

use self::arguments::{Cli, Command};
use self::say::{Answer, Failure, WRONG_USAGE, tell};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and the version are asked for; anything else is a mistake. Nobody may be there to read it.
            let _ = error.print();
            return if error.use_stderr() { WRONG_USAGE.into() } else { ExitCode::SUCCESS };
        }
    };
    let json = cli.json;
    tell(run(cli), json)
}

fn run(cli: Cli) -> Result<Answer, Failure> {
    let port = cli.place.port;
    let place = cli.place.place();
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            let (on_message, on_tick) = (work_automation::on_message, upkeep::on_tick);
            serve(App { routes: all::routes(), on_message, on_tick }, &place)?;
            Ok(Answer::nothing())
        }
        Command::Upkeep => {
            tick_once(upkeep::on_tick, &place)?;
            Ok(Answer::nothing())
        }
        Command::Check { base_url } => check::check(&place, base_url),
        Command::Keys { what } => keys::keys(&place, &what),
        Command::Secrets { what } => secrets::secrets(&place, &what),
        Command::Login(gateway) => client::login(&gateway, port),
        Command::Logout(gateway) => client::logout(&gateway, port),
        Command::Token(arguments) => client::token(&arguments, port),
    }
}
