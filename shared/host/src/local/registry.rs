//! The registry of one machine: where it comes from, and whether it fits what is around it.

use std::path::PathBuf;
use std::sync::Arc;

use gatelet_core::outage::{Chain, Outage};
use gatelet_core::parts::Parts;
use gatelet_core::registry::{
    Provider, Registry, RegistryMistake, RegistryMistakes, RegistrySource,
};
use gatelet_core::web::WebRequest;
use gatelet_local::{FileRegistry, FixedRegistry, pocket};
use serde_json::Value;
use url::Url;

use crate::error::Error;

/// Who says who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The pocket provider on this port, with the registry that goes with it.
    Pocket {
        /// Its port on the loopback interface.
        port: u16,
    },
    /// The providers of a registry in this file.
    Registry(PathBuf),
}

impl SignIn {
    pub(crate) fn source(&self, base_url: &Url) -> Arc<dyn RegistrySource> {
        match self {
            Self::Pocket { port } => {
                Arc::new(FixedRegistry::new(pocket::registry(base_url, *port)))
            }
            Self::Registry(path) => Arc::new(FileRegistry::new(path)),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Pocket { .. } => "the registry of the pocket provider".into(),
            Self::Registry(path) => path.display().to_string(),
        }
    }
}

/// Reads the registry at the start, so that whoever starts the process is told what is wrong with it.
pub(crate) async fn load(sign_in: &SignIn, parts: &Parts) -> Result<(), Error> {
    let wrong = |mistakes| Error::Registry { from: sign_in.name(), mistakes };
    let text = read(sign_in, &parts.base_url).await?;
    let registry = Registry::read(&text, &parts.base_url).map_err(wrong)?;
    // The pocket provider sees to its own secret and issuer.
    if matches!(sign_in, SignIn::Pocket { .. }) {
        return Ok(());
    }
    let mut mistakes = Vec::new();
    for provider in registry.providers.values() {
        mistakes.extend(missing_secret(provider, parts).await?);
        mistakes.extend(wrong_issuer(provider, parts).await);
    }
    if mistakes.is_empty() { Ok(()) } else { Err(wrong(RegistryMistakes(mistakes))) }
}

/// The registry's text.
pub(crate) async fn read(sign_in: &SignIn, base_url: &Url) -> Result<String, Error> {
    let unread = |outage: Outage| Error::start(format!("read {}", sign_in.name()), outage);
    let document = sign_in.source(base_url).read(None).await.map_err(unread)?;
    Ok(document.map(|document| document.text).unwrap_or_default())
}

async fn missing_secret(
    provider: &Provider,
    parts: &Parts,
) -> Result<Option<RegistryMistake>, Error> {
    let facts = parts.secrets.facts(&provider.secret).await;
    let facts = facts.map_err(|outage| Error::start("look for a provider's secret", outage))?;
    if facts.is_some_and(|versions| versions.first().is_some_and(|newest| newest.enabled)) {
        return Ok(None);
    }
    let secret = provider.secret.as_str();
    let problem = format!(
        "the vault holds no {secret}; put it there: gatelet secrets rotate {secret} < FILE"
    );
    let at = format!("providers.{}", provider.name);
    Ok(Some(RegistryMistake { at, problem, line: None }))
}

/// A provider that cannot be asked may be back when somebody signs in, so that is no mistake.
async fn wrong_issuer(provider: &Provider, parts: &Parts) -> Option<RegistryMistake> {
    let problem = match issuer_there(provider, parts).await {
        Ok(issuer) if issuer == provider.issuer => return None,
        Ok(issuer) => format!("the provider there calls itself {:?}", short(&issuer)),
        Err(outage) => {
            let (name, error) = (&provider.name, Chain(&outage));
            tracing::warn!(provider = %name, error = %error, "a provider could not be asked");
            return None;
        }
    };
    let at = format!("providers.{}.issuer", provider.name);
    Some(RegistryMistake { at, problem, line: None })
}

/// The issuer as the discovery document says it (OpenID Connect Discovery 1.0 §4.3).
async fn issuer_there(provider: &Provider, parts: &Parts) -> Result<String, Outage> {
    let doing = "read a provider's discovery document";
    let place = provider.issuer.replace("{tenantid}", "common");
    let address = format!("{}/.well-known/openid-configuration", place.trim_end_matches('/'));
    let url = Url::parse(&address).map_err(|error| Outage::harmless(doing, error))?;
    let answer = parts.web.send(&WebRequest::get(url)).await?;
    if answer.status != 200 {
        return Err(Outage::harmless(doing, format!("it was answered {}", answer.status)));
    }
    let document: Value = serde_json::from_slice(answer.body.expose())
        .map_err(|error| Outage::harmless(doing, error))?;
    let issuer = document.get("issuer").and_then(Value::as_str);
    issuer.map(str::to_owned).ok_or_else(|| Outage::harmless(doing, "it names no issuer"))
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
