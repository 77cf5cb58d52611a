//! In which form a command answers: for people or as JSON, with or without colour, and in whose time.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use gatelet_core::clock::Timestamp;
use gatelet_host::Reader;
use jiff::tz::TimeZone;

use crate::arguments::{Color, OutputArgs};
use crate::page::Style;

/// What was asked for, and what the streams can show.
#[derive(Clone)]
pub(crate) struct Voice {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) out: Style,
    pub(crate) err: Style,
    /// Whether a line on standard error can be written again.
    pub(crate) redraws: bool,
    zone: TimeZone,
}

impl Voice {
    /// What was asked for in these options.
    pub(crate) fn new(asked: &OutputArgs) -> Self {
        let mut given = Reader::environment();
        let mut get = |name| given.optional(name).unwrap_or_default();
        let (terminal, locale) = (get("TERM"), [get("LC_ALL"), get("LC_CTYPE"), get("LANG")]);
        let locale = locale.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let utf8 = locale.ends_with("utf-8") || locale.ends_with("utf8");
        let (no, forced, wanted) = (get("NO_COLOR"), get("CLICOLOR_FORCE"), get("CLICOLOR"));
        let can = !matches!(terminal.as_str(), "" | "dumb");
        let colour = |shown: bool| match asked.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if !no.is_empty() => false,
            Color::Auto if !matches!(forced.as_str(), "" | "0") => true,
            Color::Auto => shown && can && wanted != "0",
        };
        let out = std::io::stdout().is_terminal();
        let err = std::io::stderr().is_terminal();
        Self {
            json: asked.json,
            quiet: asked.quiet,
            out: Style { colour: colour(out), utf8 },
            err: Style { colour: colour(err), utf8 },
            redraws: err && can,
            zone: if asked.local { TimeZone::system() } else { TimeZone::UTC },
        }
    }

    /// The same before the words were understood, or when they cannot be.
    pub(crate) fn guess(words: &[OsString]) -> Self {
        let words = words.iter().map(|word| word.to_str().unwrap_or_default());
        let words: Vec<&str> = words.take_while(|word| *word != "--").collect();
        let has = |name| words.contains(&name);
        let mut colours = words.iter().enumerate().filter_map(|(at, word)| match *word {
            "--color" => words.get(at + 1).copied(),
            word => word.strip_prefix("--color="),
        });
        let color = match colours.next_back() {
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            _ => Color::Auto,
        };
        Self::new(&OutputArgs {
            json: has("--json"),
            quiet: has("--quiet") || has("-q"),
            color,
            local: false,
        })
    }

    /// A moment for people: in UTC, or in this machine's time when that was asked for.
    pub(crate) fn moment(&self, moment: Timestamp) -> String {
        let Some(moment) = read(moment) else { return "never".into() };
        let form = if self.zone == TimeZone::UTC {
            "%-d %b %Y %H:%M:%SZ"
        } else {
            "%-d %b %Y %H:%M:%S%:z"
        };
        // One moment is one word.
        let text = moment.to_zoned(self.zone.clone()).strftime(form).to_string();
        text.replace(' ', &crate::page::FIRM.to_string())
    }
}

/// A moment for programs (RFC 3339).
pub(crate) fn rfc_3339(moment: Timestamp) -> Option<String> {
    read(moment).map(|moment| moment.to_string())
}

fn read(moment: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(i64::try_from(moment.secs()).ok()?).ok()
}
