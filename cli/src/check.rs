//! `gatelet check`: whether settings, registry and catalog are sound.

use gatelet_core::automation::catalog::Catalog;
use gatelet_core::registry::{Registry, is_local};
use gatelet_core::tenant::TenantId;
use gatelet_host::Error;
use gatelet_host::plain::{Place, SignIn, check_settings};
use serde_json::json;
use url::Url;

use crate::page::{Cell, Page, Tone};
use crate::progress::Progress;
use crate::say::{Answer, Failure, Mistake, listed, of_catalog, of_settings};
use crate::voice::Voice;

/// The longest that one attempt may take on a platform whose functions end, in seconds.
const LONGEST: [(&str, u64); 2] = [("AWS Lambda", 13 * 60), ("Azure Functions", 200)];

/// What was found wrong with one document, and where its form stands.
struct Found {
    what: String,
    docs: &'static str,
    mistakes: Vec<Mistake>,
}

/// Reads everything that a start would read, and lists all that is wrong with it.
pub(crate) fn check(
    place: &Place,
    base_url: Option<Url>,
    voice: &Voice,
) -> Result<Answer, Failure> {
    // The files may be on a disk that is far away.
    let _progress = Progress::begin(voice, "Reading the registry and the catalog");
    let base_url = base_url.map_or_else(|| place.base_url(), Ok)?;
    let name = match &place.sign_in {
        SignIn::Registry(path) => path.display().to_string(),
        SignIn::Pocket { .. } => "the registry of this machine".into(),
    };
    let text = place.registry_text(&base_url)?;
    let mut wrong = Vec::new();
    let mut note = |what: &str, docs, mistakes: Vec<Mistake>| {
        if !mistakes.is_empty() {
            wrong.push(Found { what: what.to_owned(), docs, mistakes });
        }
    };
    note("the settings", "docs/reference/configuration.md", settings());
    let registry = match Registry::read(&text, &base_url) {
        Ok(registry) => Some(registry),
        Err(found) => {
            note(&name, "docs/guides/registry.md", listed(found));
            None
        }
    };
    let catalog = match place.catalog.read() {
        Ok(catalog) => Some(catalog),
        Err(Error::Catalog { mistakes, .. }) => {
            let docs = "docs/reference/automation-toml.md";
            note(&place.catalog.name(), docs, of_catalog(mistakes));
            None
        }
        Err(other) => return Err(other.into()),
    };
    if let (Some(registry), Some(catalog)) = (&registry, &catalog)
        && let Err(found) = registry.check_schedules(catalog, &text)
    {
        note(&name, "docs/guides/registry.md", listed(found));
    }
    match (registry, catalog) {
        (Some(registry), Some(catalog)) if wrong.is_empty() => {
            let is_here = is_local(&base_url);
            Ok(sound(&name, &registry, (&place.catalog.name(), &catalog), is_here))
        }
        _ => Err(all(wrong)),
    }
}

fn all(wrong: Vec<Found>) -> Failure {
    let names: Vec<&str> = wrong.iter().map(|one| one.what.as_str()).collect();
    let names = match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    };
    let docs: Vec<&str> = wrong.iter().map(|one| one.docs).collect();
    let mistakes = wrong.into_iter().flat_map(|one| one.mistakes).collect();
    let failure = Failure::mistakes(&names, mistakes);
    docs.into_iter().fold(failure, |failure, docs| failure.note("docs", docs))
}

fn sound(
    name: &str,
    registry: &Registry,
    (folder, catalog): (&str, &Catalog),
    is_here: bool,
) -> Answer {
    let tenants: Vec<&str> = registry.tenants.keys().map(TenantId::as_str).collect();
    let providers: Vec<&str> = registry.providers.keys().map(String::as_str).collect();
    let automations: Vec<&str> = catalog.iter().map(|one| one.name.as_str()).collect();
    let notes = registry.providers.values().map(|provider| {
        let note = provider.kind.facts().note;
        ("note", format!("{}: {note}", provider.name))
    });
    // A machine ends no process, so there it would say nothing.
    let too_long = catalog.iter().filter(|_| !is_here).filter_map(|one| {
        let seconds = one.timeout.as_secs();
        let (host, longest) = LONGEST.into_iter().find(|(_, longest)| seconds > *longest)?;
        Some(("note", format!("{}: {host} ends a function after {longest} s", one.name)))
    });
    let listed = |names: &[&str]| if names.is_empty() { "none".into() } else { names.join(", ") };
    let facts = [
        ("tenants", listed(&tenants)),
        ("providers", listed(&providers)),
        ("catalog", folder.to_owned()),
        ("automations", listed(&automations)),
    ];
    let page = Page::new()
        .headed(Cell::state("Sound:", Tone::Good), name)
        .facts(facts.into_iter().chain(notes).chain(too_long));
    let digest = &registry.digest;
    let json = json!({
        "v": 1, "result": "sound", "digest": digest, "tenants": tenants, "providers": providers,
        "automations": automations,
    });
    Answer::found(page, json)
}

fn settings() -> Vec<Mistake> {
    match check_settings() {
        Err(Error::Settings(found)) => of_settings(found),
        _ => Vec::new(),
    }
}
