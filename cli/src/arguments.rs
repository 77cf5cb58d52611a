//! What can be said to `gatelet`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gatelet_host::plain::{Place, SignIn};
use url::Url;

/// Gatelet on one machine: the gateway with its records, queue, secrets and objects in one folder.
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  gatelet                                  start everything here\n  \
                  gatelet check --config registry.toml     list every mistake\n\n\
                  Exit codes: 0 done or yes, 1 no, 3 could not be done, 64 wrong usage, 78 configuration"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Answer with one JSON object on standard output, errors too.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Answer requests, work on the queue, and do the upkeep every minute (the default).
    Serve,
    /// Do the upkeep once and end; a server on the same folder may run meanwhile.
    Upkeep,
    /// Check the settings and the registry, and list every mistake.
    Check {
        /// The deployment's public address, for a registry that is not for this machine.
        #[arg(long, value_name = "URL")]
        base_url: Option<Url>,
    },
    /// The keys that tokens are signed with.
    Keys {
        #[command(subcommand)]
        what: KeysCommand,
    },
    /// The secrets that the gateway keeps.
    Secrets {
        #[command(subcommand)]
        what: SecretsCommand,
    },
    /// Sign in at a gateway with a browser on this machine.
    Login(GatewayArgs),
    /// Sign out there, and forget the sign-in here.
    Logout(GatewayArgs),
    /// Print a fresh access token for the person who signed in.
    Token(TokenArgs),
}

#[derive(Args)]
pub(crate) struct GatewayArgs {
    /// The gateway's address, unless it is the one on this machine.
    #[arg(long, value_name = "URL")]
    pub(crate) gateway: Option<Url>,
    /// The API that tokens are for, unless it is the gateway's own. A sign-in is for one API.
    #[arg(long, value_name = "URI")]
    pub(crate) audience: Option<String>,
}

#[derive(Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(crate) gateway: GatewayArgs,
    /// The scopes that it is to have, separated by spaces, unless it is all of them.
    #[arg(long)]
    pub(crate) scope: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// List the published keys.
    List,
    /// Publish the key that signs next. The upkeep lets it sign once everybody can know it.
    Rotate,
}

#[derive(Subcommand)]
pub(crate) enum SecretsCommand {
    /// List the secrets by name and age, never by value.
    List,
    /// Put a new version of a secret.
    Rotate {
        /// Its name: one of our own, which is drawn, or `provider-…`, whose new value comes from standard input.
        name: String,
        /// Go on although what was made with the version before last ends with it.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args)]
pub(crate) struct PlaceArgs {
    /// The folder that holds everything; made when it is missing.
    #[arg(long, default_value = ".gatelet", global = true)]
    folder: PathBuf,
    /// The port on localhost.
    #[arg(long, default_value_t = 8787, global = true)]
    pub(crate) port: u16,
    /// The port of the pocket identity provider, at which people are chosen by a click.
    #[arg(long, default_value_t = 8788, global = true)]
    provider_port: u16,
    /// The registry to use instead: tenants, providers, roles and clients. There is no pocket provider then.
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "provider_port")]
    config: Option<PathBuf>,
}

impl PlaceArgs {
    pub(crate) fn place(self) -> Place {
        let Self { folder, port, provider_port, config } = self;
        let sign_in = config.map_or(SignIn::Pocket { port: provider_port }, SignIn::Registry);
        Place { folder, port, sign_in }
    }
}
