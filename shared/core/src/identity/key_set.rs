//! A provider's public keys (RFC 7517), and which of them may have signed a token.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::metadata::fetch_json;
use crate::outage::Outage;
use crate::token::RsaPublicKey;
use crate::web::Web;

/// How many keys a set may have. Entra, which has the most, publishes about ten.
const KEYS: usize = 100;

/// The keys of a provider that can verify a signature. What else its set holds is left out.
pub(super) struct KeySet(Vec<Key>);

/// One key.
pub(super) struct Key {
    id: Option<String>,
    shape: Shape,
    /// The one algorithm that the key is meant for, where its owner says so.
    algorithm: Option<Algorithm>,
    /// The issuer whose tokens the key may sign, where the set serves several. It may be a template.
    pub(super) issuer: Option<String>,
    pub(super) decoding: DecodingKey,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Rsa,
    P256,
    P384,
}

#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    intended: Option<String>,
    key_ops: Option<Vec<String>>,
    issuer: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Fetches a key set, and how long it may be kept. A set without a usable key is not believed.
pub(super) async fn fetch(
    web: &dyn Web,
    address: Url,
) -> Result<(KeySet, Option<Duration>), Outage> {
    const DOING: &str = "read a provider's keys";
    let (WrittenSet { keys }, max_age) = fetch_json(web, address, DOING).await?;
    if keys.len() > KEYS {
        return Err(Outage::harmless(DOING, "there are too many keys"));
    }
    let usable: Vec<Key> = keys.into_iter().filter_map(usable).collect();
    if usable.is_empty() {
        return Err(Outage::harmless(DOING, "no key can verify a signature"));
    }
    Ok((KeySet(usable), max_age))
}

impl KeySet {
    /// The keys that may have made a signature with this algorithm: those of that id. A token that names none
    /// fits only where there is no choice (OpenID Connect Core §10.1).
    pub(super) fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Key> {
        let fitting = self.0.iter().filter(|key| key.fits(algorithm));
        if let Some(id) = id {
            return fitting.filter(|key| key.id.as_deref() == Some(id)).collect();
        }
        let all: Vec<&Key> = fitting.collect();
        if all.len() == 1 { all } else { Vec::new() }
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let shape = match algorithm {
            Algorithm::ES256 => self.shape == Shape::P256,
            Algorithm::ES384 => self.shape == Shape::P384,
            other => self.shape == Shape::Rsa && other.family() == AlgorithmFamily::Rsa,
        };
        shape && self.algorithm.is_none_or(|only| only == algorithm)
    }
}

fn usable(key: Value) -> Option<Key> {
    let key: WrittenKey = serde_json::from_value(key).ok()?;
    let meant_to_verify = key.intended.as_deref().is_none_or(|intended| intended == "sig")
        && key.key_ops.is_none_or(|operations| operations.iter().any(|one| one == "verify"));
    if !meant_to_verify {
        return None;
    }
    let algorithm = match key.alg {
        Some(name) => Some(name.parse::<Algorithm>().ok()?),
        None => None,
    };
    let (shape, decoding) = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", None) => (Shape::Rsa, rsa(&key.n?, &key.e?)?),
        ("EC", Some("P-256")) => (Shape::P256, ec(&key.x?, &key.y?, 32)?),
        ("EC", Some("P-384")) => (Shape::P384, ec(&key.x?, &key.y?, 48)?),
        _ => return None,
    };
    Some(Key { id: key.kid, shape, algorithm, issuer: key.issuer, decoding })
}

fn rsa(n: &str, e: &str) -> Option<DecodingKey> {
    let key = RsaPublicKey::from_jwk(n, e).filter(|key| (2048..=8192).contains(&key.bits()))?;
    DecodingKey::from_rsa_components(&key.n(), &key.e()).ok()
}

fn ec(x: &str, y: &str, bytes: usize) -> Option<DecodingKey> {
    let long = |text: &str| URL_SAFE_NO_PAD.decode(text).is_ok_and(|number| number.len() == bytes);
    (long(x) && long(y)).then(|| DecodingKey::from_ec_components(x, y).ok()).flatten()
}
