//! What a provider publishes about itself (OpenID Connect Discovery), and how documents of strangers are read.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::{Host, Url};

use super::issuer;
use crate::outage::{Cause, Outage};
use crate::registry::{Provider, is_local};
use crate::web::{LONGEST_ANSWER, Web, WebRequest};

/// A provider's addresses, checked.
pub(super) struct Metadata {
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) jwks_uri: Url,
    pub(super) end_session_endpoint: Option<Url>,
    /// Whether each answer names the issuer (RFC 9207 §3).
    pub(super) names_itself: bool,
}

#[derive(Deserialize)]
struct WrittenMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Fetches the metadata of a provider, and how long they may be kept.
pub(super) async fn fetch(
    web: &dyn Web,
    provider: &Provider,
    base_url: &Url,
) -> Result<(Metadata, Option<Duration>), Outage> {
    const DOING: &str = "read a provider's metadata";
    let address = Url::parse(&issuer::metadata_address(provider))
        .map_err(|error| Outage::harmless(DOING, error))?;
    let (written, max_age): (WrittenMetadata, _) = fetch_json(web, address, DOING).await?;
    let metadata =
        check(&written, provider, base_url).map_err(|cause| Outage::harmless(DOING, cause))?;
    Ok((metadata, max_age))
}

/// A GET of a JSON document, and how long it may be kept. Anything but the document is an outage.
pub(super) async fn fetch_json<T: DeserializeOwned>(
    web: &dyn Web,
    address: Url,
    doing: &'static str,
) -> Result<(T, Option<Duration>), Outage> {
    let answer = web.send(&WebRequest::get(address)).await?;
    if answer.status != 200 {
        return Err(Outage::harmless(doing, format!("the answer was {}", answer.status)));
    }
    if answer.body.expose().len() > LONGEST_ANSWER {
        return Err(Outage::harmless(doing, "the answer is too long"));
    }
    let document = serde_json::from_slice(answer.body.expose())
        .map_err(|error| Outage::harmless(doing, format!("not the document ({error})")))?;
    Ok((document, answer.max_age))
}

fn check(
    written: &WrittenMetadata,
    provider: &Provider,
    base_url: &Url,
) -> Result<Metadata, Cause> {
    // Discovery §4.3: whoever answers for an issuer must call itself exactly that.
    if written.issuer != provider.issuer {
        return Err("the document is another issuer's".into());
    }
    let address = |text: &str| endpoint(text, provider, base_url);
    Ok(Metadata {
        authorization_endpoint: address(&written.authorization_endpoint)?,
        token_endpoint: address(&written.token_endpoint)?,
        jwks_uri: address(&written.jwks_uri)?,
        end_session_endpoint: written.end_session_endpoint.as_deref().map(address).transpose()?,
        names_itself: written.authorization_response_iss_parameter_supported,
    })
}

/// An address that a provider names. It has TLS; only on somebody's own machine may it be the loopback without.
/// A host given as a number must be the issuer's own, because a document could otherwise point into our network.
fn endpoint(text: &str, provider: &Provider, base_url: &Url) -> Result<Url, Cause> {
    let url = Url::parse(text)?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("an address holds a user name, a password or a fragment".into());
    }
    let (loopback, named) = match url.host() {
        Some(Host::Domain(name)) => (name == "localhost", name != "localhost"),
        Some(Host::Ipv4(address)) => (address.is_loopback(), false),
        Some(Host::Ipv6(address)) => (address.is_loopback(), false),
        None => return Err("an address has no host".into()),
    };
    let with_tls = url.scheme() == "https";
    if !(with_tls || (url.scheme() == "http" && loopback && is_local(base_url))) {
        return Err("an address is not https".into());
    }
    let own = Url::parse(&issuer::metadata_address(provider))?;
    if !named && own.host() != url.host() && !(loopback && is_local(base_url)) {
        return Err("an address points to a machine by its number".into());
    }
    Ok(url)
}
