//! What can be said to `gatelet`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use gatelet_host::plain::{CatalogPlace, Place, SignIn};
use url::Url;

/// A backend-for-frontend on one machine, and the tools of whoever operates one.
#[derive(Parser)]
#[command(name = "gatelet", version = crate::VERSION, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start everything here: gateway, worker, timer and a pocket identity provider (the default).
    #[command(visible_alias = "serve")]
    Dev(DevArgs),
    /// Check the settings and the registry, and list every mistake.
    Check {
        /// The deployment's public address, for a registry that is not for this machine.
        #[arg(long, value_name = "URL")]
        base_url: Option<Url>,
    },
    /// Carry out runs without serving anything, for instance beside a server on the same folder.
    Work,
    /// Do the upkeep once and end; a server on the same folder may run meanwhile.
    Upkeep,
    /// Try how well scripts are kept apart here, and say what was tried.
    Probe,
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
    /// The automations: which there are, a new one, whether one does what was recorded.
    Automation {
        #[command(subcommand)]
        what: AutomationCommand,
    },
    /// The audit trail.
    Audit {
        #[command(subcommand)]
        what: AuditCommand,
    },
    /// Sign in at a gateway with a browser on this machine.
    Login(GatewayArgs),
    /// Sign out there, and forget the sign-in here.
    Logout(GatewayArgs),
    /// Print a fresh access token for the person who signed in.
    Token(TokenArgs),
    /// Print what a shell needs to complete commands and options.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Explain a command or a topic.
    Help {
        /// A command such as `keys rotate`, or a topic; without one, all of them are listed.
        #[arg(value_name = "TOPIC")]
        words: Vec<String>,
    },
}

#[derive(Args, Default)]
pub(crate) struct DevArgs {
    /// The address that people open, where a proxy stands in front: scheme, host and port.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<Url>,
    /// Delete the folder first, with everything in it. Only a folder that Gatelet made is deleted.
    #[arg(long)]
    pub(crate) reset: bool,
    /// Delete it without asking.
    #[arg(long, requires = "reset")]
    pub(crate) yes: bool,
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
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scope: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// List the published keys.
    List,
    /// Publish the key that signs next. The upkeep lets it sign once everybody can know it.
    Rotate,
    /// Stop publishing a key that no longer signs, before the upkeep does.
    Retire {
        /// Its name, as `gatelet keys list` says it.
        // One name in 64 begins with a hyphen: it is base64url.
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Go on although tokens that it has signed end with it.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum SecretsCommand {
    /// List the secrets by name and age, never by value.
    List,
    /// Put a new version of a secret.
    Rotate {
        /// Its name: one of our own, which is drawn, or `provider-NAME` or `connection-NAME`, whose new value comes from
        /// standard input.
        name: String,
        /// Go on although what was made with the version before last ends with it.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum AutomationCommand {
    /// List the automations.
    List,
    /// Show what one asks for, does and answers.
    Show {
        /// Its name.
        name: String,
    },
    /// Make the folder of a new one, which works at once.
    New {
        /// Its name: 1 to 64 of a-z 0-9 -, beginning with a letter.
        name: String,
    },
    /// Install the packages that one names in requirements.lock, once. A run does so too, if nobody did.
    Prepare {
        /// Its name.
        name: String,
    },
    /// Run one on what was recorded for it, and compare what comes out. Its script runs as you, on this machine.
    Test {
        /// Its name.
        name: String,
        /// Only these recordings.
        #[arg(value_name = "RECORDING")]
        recordings: Vec<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Check the evidence of runs, without asking any server.
    Verify {
        /// What `GET /api/runs/{id}/evidence` answered; of several runs one after the other.
        file: PathBuf,
    },
}

#[derive(Args)]
#[command(next_help_heading = "Place")]
pub(crate) struct PlaceArgs {
    /// The folder that holds everything; made when it is missing.
    #[arg(long, default_value = ".gatelet", global = true)]
    folder: PathBuf,
    /// The port on localhost.
    #[arg(long, default_value_t = 8787, global = true)]
    pub(crate) port: u16,
    /// The port of the pocket identity provider, at which people are chosen by a click.
    #[arg(long, default_value_t = 8788, value_name = "PORT", global = true)]
    provider_port: u16,
    /// The registry to use instead: tenants, providers, roles and clients. There is no pocket provider then.
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "provider_port")]
    config: Option<PathBuf>,
    /// The Python that runs scripts, unless it is the first one that works.
    #[arg(long, value_name = "FILE", global = true)]
    python: Option<PathBuf>,
    /// The folder of automations; otherwise `automations` if it is there, or those that come with the gateway.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) catalog: Option<PathBuf>,
}

impl PlaceArgs {
    pub(crate) fn place(self) -> Place {
        let Self { folder, port, provider_port, config, python, catalog } = self;
        let catalog = CatalogPlace::of(catalog.as_deref());
        let sign_in = config.map_or(SignIn::Pocket { port: provider_port }, SignIn::Registry);
        Place { folder, port, base_url: None, sign_in, python, catalog }
    }
}

#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Answer with one JSON object on standard output, errors too.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say errors and what was asked for, and nothing else.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Whether words for states have a colour.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
    /// Write moments in this machine's time instead of UTC.
    #[arg(long, global = true)]
    pub(crate) local: bool,
}

/// When there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}
