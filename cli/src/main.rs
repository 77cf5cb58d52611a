//! `gatelet`: the whole gateway on one machine, with embedded parts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gatelet_host::plain::{App, Place, SignIn, serve, tick_once};

/// Gatelet on one machine: the gateway with its records, queue, secrets and objects in one folder.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests, work on the queue, and do the upkeep every minute (the default).
    Serve,
    /// Do the upkeep once and end; a server on the same folder may run meanwhile.
    Upkeep,
}

#[derive(Args)]
struct PlaceArgs {
    /// The folder that holds everything; made when it is missing.
    #[arg(long, default_value = ".gatelet", global = true)]
    folder: PathBuf,
    /// The port on localhost.
    #[arg(long, default_value_t = 8787, global = true)]
    port: u16,
    /// The port of the pocket identity provider, at which people are chosen by a click.
    #[arg(long, default_value_t = 8788, global = true)]
    provider_port: u16,
    /// The registry to use instead: tenants, providers, roles and clients, in TOML. There is no pocket provider then.
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "provider_port")]
    config: Option<PathBuf>,
}

impl PlaceArgs {
    fn place(self) -> Place {
        let Self { folder, port, provider_port, config } = self;
        let sign_in = config.map_or(SignIn::Pocket { port: provider_port }, SignIn::Registry);
        Place { folder, port, sign_in }
    }
}

fn main() -> Result<(), gatelet_host::Error> {
    let Cli { command, place } = Cli::parse();
    let place = place.place();
    match command {
        None | Some(Command::Serve) => {
            let (on_message, on_tick) = (work_automation::on_message, upkeep::on_tick);
            serve(App { routes: all::routes(), on_message, on_tick }, &place)
        }
        Some(Command::Upkeep) => tick_once(upkeep::on_tick, &place),
    }
}
