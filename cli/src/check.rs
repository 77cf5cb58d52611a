//! `gatelet check`: whether settings and registry are sound.

use gatelet_core::registry::Registry;
use gatelet_core::tenant::TenantId;
use gatelet_host::Error;
use gatelet_host::plain::{Place, SignIn, check_settings};
use serde_json::json;
use url::Url;

use crate::say::{Answer, Failure, Mistake, listed};

/// Reads everything that a start would read, and lists all that is wrong with it.
pub(crate) fn check(place: &Place, base_url: Option<Url>) -> Result<Answer, Failure> {
    let base_url = base_url.map_or_else(|| place.base_url(), Ok)?;
    let name = match &place.sign_in {
        SignIn::Registry(path) => path.display().to_string(),
        SignIn::Pocket { .. } => "the registry of this machine".into(),
    };
    let text = place.registry_text(&base_url)?;
    let mut mistakes = settings();
    let registry = match Registry::read(&text, &base_url) {
        Ok(registry) if mistakes.is_empty() => registry,
        Ok(_) => return Err(Failure::mistakes("the settings", mistakes)),
        Err(found) => {
            mistakes.extend(listed(found));
            let failure = Failure::mistakes(&name, mistakes);
            return Err(failure.note("docs", "docs/guides/registry.md"));
        }
    };
    let tenants: Vec<&str> = registry.tenants.keys().map(TenantId::as_str).collect();
    let providers: Vec<&str> = registry.providers.keys().map(String::as_str).collect();
    let notes = registry.providers.values().map(|provider| {
        let note = provider.kind.facts().note;
        format!("  note       {}: {note}\n", provider.name)
    });
    let text = format!(
        "Sound: {name}\n  tenants    {}\n  providers  {}\n{}",
        tenants.join(", "),
        providers.join(", "),
        notes.collect::<String>()
    );
    let digest = &registry.digest;
    let json = json!({ "v": 1, "result": "sound", "digest": digest, "tenants": tenants, "providers": providers });
    Ok(Answer::new(text, json))
}

fn settings() -> Vec<Mistake> {
    let Err(Error::Settings(found)) = check_settings() else { return Vec::new() };
    let found = found.0.into_iter();
    found.map(|one| Mistake { line: None, at: one.name, problem: one.problem }).collect()
}
