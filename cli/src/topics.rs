//! What `gatelet help TOPIC` explains besides the commands.

use std::fmt::Write as _;

use crate::exit::Exit;

/// Every topic: its name, and what it is about.
pub(crate) const TOPICS: [(&str, &str); 6] = [
    ("environment", "variables that are read"),
    ("exit-codes", "how a script tells answers from failures"),
    ("files", "what lies where"),
    ("output", "JSON, colour, time, progress"),
    ("registry", "tenants, identity providers, roles, clients"),
    ("reference", "all commands and topics as one Markdown page"),
];

const ENVIRONMENT: &str = "\
GATELET_LOG      how much is logged, such as info or gatelet_core=debug. Another
                 variable that begins with GATELET_ is a mistake.
HOME             below it refresh tokens of `gatelet login` are kept
XDG_STATE_HOME   the folder for them, instead of HOME/.local/state
NO_COLOR         no colour, unless --color says otherwise
CLICOLOR         0 means no colour
CLICOLOR_FORCE   anything but 0 means colour, also where there is no terminal
TERM             dumb means no colour, and no line that is written again
LC_ALL, LC_CTYPE, LANG   the first that is set; without UTF-8 all is ASCII
TZ               the time zone for --local, unless it is the machine's
SSL_CERT_FILE    certificates to trust besides the machine's
HTTPS_PROXY, NO_PROXY    the way to identity providers and other gateways";

const FILES: &str = "\
.gatelet/            everything of one gateway; --folder names another place.
                     Only its owner may enter. `gatelet dev --reset` deletes it.
.gatelet/gatelet.db  records and queue, in SQLite
.gatelet/secrets/    one folder a secret, one file a version
.gatelet/objects/    files of runs, and sealed records
~/.local/state/gatelet/   refresh tokens of `gatelet login`, one file a gateway";

const OUTPUT: &str = "\
Results are written to standard output, everything else to standard error.
With --json an answer is one object with the member v, errors too; gatelet dev
writes one when it is ready and one when it has stopped. An error has code, exit
and title, mostly cause and next, and errors with line, at and message where
there are several. With --quiet only errors and what was asked for are said.

Colour is for the word error and for words of states, on terminals only. Moments
are in UTC, which Z says, unless --local is given; in JSON they always are.
What takes longer than a second says so: on a terminal in one line, elsewhere in
a line every ten seconds. Ctrl+C stops in order, and again at once.";

const REGISTRY: &str = "\
One TOML document says which tenants there are, at which identity provider their
people sign in, what each of them may do, and for which APIs tokens are made. It
holds no secret. Without --config the gateway has a registry of its own with
three tenants and a pocket identity provider, for this machine only.

  gatelet check --config registry.toml           every mistake at once
  gatelet secrets rotate provider-NAME < FILE    the secret of a provider
  gatelet secrets rotate connection-NAME < FILE  that of a customer's cloud
  gatelet dev --config registry.toml             start with it

A whole registry with all its comments: docs/guides/registry.md";

/// A topic's text; `None` when there is no such topic.
pub(crate) fn text(topic: &str) -> Option<String> {
    match topic {
        "environment" => Some(ENVIRONMENT.into()),
        "exit-codes" => Some(exit_codes()),
        "files" => Some(FILES.into()),
        "output" => Some(OUTPUT.into()),
        "registry" => Some(REGISTRY.into()),
        "reference" => Some(crate::reference::page()),
        _ => None,
    }
}

fn exit_codes() -> String {
    let mut text = String::new();
    for exit in Exit::ALL {
        let (code, _, meaning) = exit.facts();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{code:>3}  {meaning}");
    }
    text.trim_end().to_owned()
}
