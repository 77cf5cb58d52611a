//! The pocket identity provider: an OpenID provider for one machine, at which people are chosen by a click.
//!
//! It proves nothing about anybody, so it answers only whoever sits at this machine, and sends people back to
//! the one gateway that it was started for. What it speaks is what real providers speak: OpenID Connect Core
//! with the authorization code, PKCE (RFC 7636), and the issuer in its answers (RFC 9207).

mod authorize;
mod codes;
mod discovery;
mod end_session;
mod guard;
mod keys;
mod page;
mod people;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use gatelet_core::clock::Clock;
use gatelet_core::outage::Outage;
use gatelet_core::random::{Random, draw};
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets};
use url::Url;

use self::codes::{Codes, Waiting};
use self::keys::PocketKey;
pub use self::people::{Human, PEOPLE};

/// Our name at this provider.
const CLIENT_ID: &str = "gatelet";
/// The secret with which the gateway proves itself here, in the gateway's own vault.
const CLIENT_SECRET: &str = "provider-pocket";
/// The registry of one machine, with addresses and people left open.
const REGISTRY: &str = include_str!("registry.toml");

/// The provider of one gateway.
pub struct Pocket {
    issuer: Url,
    gateway: Url,
    secrets: Arc<dyn Secrets>,
    key: PocketKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    waiting: Waiting,
    codes: Codes,
}

impl Pocket {
    /// The provider on this port of the loopback interface, for the gateway at this address. Its client secret
    /// and its signing key are drawn at the first start and kept in the gateway's vault.
    pub async fn open(
        port: u16,
        gateway: Url,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Outage> {
        ensure_client_secret(&*secrets, &*random).await?;
        let key = PocketKey::open(Arc::clone(&secrets), Arc::clone(&random)).await?;
        let (waiting, codes) = (Waiting::default(), Codes::default());
        let issuer = issuer(port)?;
        Ok(Self { issuer, gateway, secrets, key, clock, random, waiting, codes })
    }

    /// Its routes. They must be served with the peer's address, without which they refuse everything.
    pub fn router(self) -> Router {
        let pocket = Arc::new(self);
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery::metadata))
            .route("/keys", get(discovery::keys))
            .route("/authorize", get(authorize::ask).post(authorize::choose))
            .route("/token", post(token::redeem))
            .route("/end_session", get(end_session::end))
            .layer(from_fn_with_state(Arc::clone(&pocket), guard::admit))
            .with_state(pocket)
    }

    /// The issuer as it stands in tokens and in a registry: without a slash at its end.
    fn issuer(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }

    /// The one address that people are sent back to.
    fn callback(&self) -> String {
        format!("{}auth/callback/pocket", self.gateway)
    }
}

/// The registry of one machine: its gateway and its pocket provider, three tenants, and the roles of the people
/// who can be chosen.
#[must_use]
pub fn registry(gateway: &Url, provider_port: u16) -> String {
    let people = PEOPLE.iter().fold(String::new(), |list, human| {
        let Human { subject, name, place, .. } = human;
        let (tenant, role) = place.rsplit_once(", ").unwrap_or((place, ""));
        list + &format!(
            "    {{ login_hint = \"{subject}\", name = \"{name}\", tenant = \"{tenant}\", role = \"{role}\" }},\n"
        )
    });
    REGISTRY
        .replace("{people}", &people)
        .replace("{gateway}", gateway.as_str().trim_end_matches('/'))
        .replace("{issuer}", &format!("http://127.0.0.1:{provider_port}"))
}

fn issuer(port: u16) -> Result<Url, Outage> {
    Url::parse(&format!("http://127.0.0.1:{port}"))
        .map_err(|error| Outage::harmless("form the pocket provider's address", error))
}

/// 256 random bits in hex, unless the vault holds some.
async fn ensure_client_secret(secrets: &dyn Secrets, random: &dyn Random) -> Result<(), Outage> {
    let name = named(CLIENT_SECRET)?;
    if secrets.facts(&name).await?.is_none() {
        let value = SecretBytes::new(hex::encode(draw::<32>(random)).into_bytes());
        secrets.put(&name, &value).await?;
    }
    Ok(())
}

fn named(name: &str) -> Result<SecretName, Outage> {
    SecretName::new(name).map_err(|bad| Outage::harmless("name a secret", bad))
}
