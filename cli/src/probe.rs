//! `gatelet probe`: how well scripts are kept apart on this machine.

use gatelet_core::automation::{Level, SandboxReport};
use gatelet_host::plain::{Place, sandbox};
use serde_json::json;

use crate::page::{Cell, Page, Tone};
use crate::progress::Progress;
use crate::say::{Answer, Failure};
use crate::voice::Voice;

/// Tries it, and tells. That a defence is missing is an answer as good as another.
pub(crate) fn probe(place: &Place, voice: &Voice) -> Result<Answer, Failure> {
    let report = {
        let _progress = Progress::begin(voice, "Trying what a script could do");
        sandbox(place)?
    };
    let SandboxReport { level, network, probes } = &report;
    let number = u8::from(*level);
    let (tone, means) = meaning(*level);
    let rows = probes.iter().map(|probe| {
        let (word, tone) = if probe.holds { ("holds", Tone::Good) } else { ("open", Tone::Bad) };
        vec![probe.name.as_str().into(), Cell::state(word, tone), probe.detail.as_str().into()]
    });
    let reach = match network.as_str() {
        "none" => "A script without connections reaches no network.",
        _ => "Nothing limits which network a script reaches.",
    };
    let page = Page::new()
        .headed(Cell::state(format!("Level {number}:"), tone), means)
        .table(2, rows)
        .line(reach);
    let json = json!({ "v": 1, "level": number, "network": network, "probes": probes });
    Ok(Answer::found(page, json))
}

/// What a level means for whoever decides what may run here.
const fn meaning(level: Level) -> (Tone, &'static str) {
    match level {
        Level::S0 => (Tone::Bad, "no script runs here."),
        Level::S1 => (Tone::Bad, "a script is a process of its own, and can read the gateway."),
        Level::S2 => (Tone::Info, "a script cannot read the gateway."),
        Level::S3 => (
            Tone::Good,
            "a script cannot read the gateway, and the kernel denies it all that it does not need.",
        ),
        Level::S4 => (Tone::Good, "a script has a machine of its own."),
    }
}
