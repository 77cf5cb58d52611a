//! `gatelet check`: whether settings and registry are sound.

use gatelet_core::registry::Registry;
use gatelet_core::tenant::TenantId;
use gatelet_host::Error;
use gatelet_host::plain::{Place, SignIn, check_settings};
use serde_json::json;
use url::Url;

use crate::page::{Cell, Page, Tone};
use crate::progress::Progress;
use crate::say::{Answer, Failure, Mistake, listed, of_settings};
use crate::voice::Voice;

/// Reads everything that a start would read, and lists all that is wrong with it.
pub(crate) fn check(
    place: &Place,
    base_url: Option<Url>,
    voice: &Voice,
) -> Result<Answer, Failure> {
    // The file may be on a disk that is far away.
    let _progress = Progress::begin(voice, "Reading the registry");
    let base_url = base_url.map_or_else(|| place.base_url(), Ok)?;
    let name = match &place.sign_in {
        SignIn::Registry(path) => path.display().to_string(),
        SignIn::Pocket { .. } => "the registry of this machine".into(),
    };
    let text = place.registry_text(&base_url)?;
    let mut mistakes = settings();
    let registry = match Registry::read(&text, &base_url) {
        Ok(registry) if mistakes.is_empty() => registry,
        Ok(_) => {
            let failure = Failure::mistakes("the settings", mistakes);
            return Err(failure.note("docs", "docs/reference/configuration.md"));
        }
        Err(found) => {
            let where_ =
                if mistakes.is_empty() { name } else { format!("the settings and {name}") };
            mistakes.extend(listed(found));
            let failure = Failure::mistakes(&where_, mistakes);
            return Err(failure.note("docs", "docs/guides/registry.md"));
        }
    };
    let tenants: Vec<&str> = registry.tenants.keys().map(TenantId::as_str).collect();
    let providers: Vec<&str> = registry.providers.keys().map(String::as_str).collect();
    let notes = registry.providers.values().map(|provider| {
        let note = provider.kind.facts().note;
        ("note", format!("{}: {note}", provider.name))
    });
    let listed = |names: &[&str]| if names.is_empty() { "none".into() } else { names.join(", ") };
    let facts = [("tenants", listed(&tenants)), ("providers", listed(&providers))];
    let page = Page::new()
        .headed(Cell::state("Sound:", Tone::Good), name)
        .facts(facts.into_iter().chain(notes));
    let digest = &registry.digest;
    let json = json!({ "v": 1, "result": "sound", "digest": digest, "tenants": tenants, "providers": providers });
    Ok(Answer::found(page, json))
}

fn settings() -> Vec<Mistake> {
    match check_settings() {
        Err(Error::Settings(found)) => of_settings(found),
        _ => Vec::new(),
    }
}
