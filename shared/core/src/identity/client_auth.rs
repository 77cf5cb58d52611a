//! How we prove to a provider who we are (OpenID Connect Core §9), and which version of the secret does it.
//!
//! While a secret is replaced, the provider may know the new one before our vault does, or after it. Where a
//! provider does not know us, the vault is read anew, and then the version before the newest is tried.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::outage::{Cause, Outage};
use crate::random::{Random, draw};
use crate::registry::{ClientAuthentication, Provider};
use crate::secrets::{Secret, SecretBytes, SecretName, SecretVersion, Secrets};
use crate::token::RsaPublicKey;

/// How long a version that worked is used before the vault is asked for the newest.
const FRESH: Duration = Duration::from_mins(5);

/// How long a signed proof is good for: long enough for one call.
const PROOF_LIVES: Duration = Duration::from_mins(1);

/// What sort of proof a JWT is (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The version of each secret that this process uses. The values are wiped with it.
#[derive(Default)]
pub(super) struct RememberedCredentials(Mutex<HashMap<SecretName, (Arc<Secret>, Timestamp)>>);

/// The versions of one provider's secret.
pub(super) struct Credentials<'a> {
    pub(super) secrets: &'a dyn Secrets,
    pub(super) remembered: &'a RememberedCredentials,
    pub(super) name: &'a SecretName,
}

impl Credentials<'_> {
    /// The version to try first: the remembered one, or else the newest.
    pub(super) async fn first(&self, now: Timestamp) -> Result<Arc<Secret>, Outage> {
        let known = self.remembered.get(self.name);
        if let Some((secret, _)) = known.filter(|(_, since)| since.is_within(FRESH, now)) {
            return Ok(secret);
        }
        let secret = self.newest().await?.ok_or_else(|| {
            let missing = format!("the vault has no {}", self.name.as_str());
            Outage::harmless("read a provider's secret", missing)
        })?;
        self.works(&secret, now);
        Ok(secret)
    }

    /// The version to try when the provider accepts none of these: the newest, and then the one before it.
    pub(super) async fn next(
        &self,
        tried: &[SecretVersion],
    ) -> Result<Option<Arc<Secret>>, Outage> {
        if let Some(newest) = self.newest().await?
            && !tried.contains(&newest.version)
        {
            return Ok(Some(newest));
        }
        let versions = self.secrets.facts(self.name).await?.unwrap_or_default();
        let two = versions.into_iter().filter(|version| version.enabled).take(2);
        let Some(other) = two.map(|facts| facts.version).find(|it| !tried.contains(it)) else {
            return Ok(None);
        };
        Ok(self.secrets.version(self.name, &other).await?.map(Arc::new))
    }

    /// Remembers a version that the provider accepted.
    pub(super) fn works(&self, secret: &Arc<Secret>, now: Timestamp) {
        let mut remembered = self.remembered.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = remembered.get(self.name);
        if known.is_none_or(|(known, _)| known.version != secret.version)
            || known.is_some_and(|(_, since)| !since.is_within(FRESH, now))
        {
            remembered.insert(self.name.clone(), (Arc::clone(secret), now));
        }
    }

    async fn newest(&self) -> Result<Option<Arc<Secret>>, Outage> {
        Ok(self.secrets.current(self.name).await?.map(Arc::new))
    }
}

impl RememberedCredentials {
    fn get(&self, name: &SecretName) -> Option<(Arc<Secret>, Timestamp)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

/// What is added to a request to the token endpoint.
pub(super) struct Proof {
    pub(super) authorization: Option<SecretBytes>,
    pub(super) form: Vec<(&'static str, Zeroizing<String>)>,
}

/// Proves with this secret who we are. `audience` is the provider's name for itself.
pub(super) fn prove(
    provider: &Provider,
    secret: &SecretBytes,
    audience: &str,
    random: &dyn Random,
    now: Timestamp,
) -> Result<Proof, Outage> {
    let bad = |cause: Cause| Outage::harmless("use a provider's secret", cause);
    let client_id = || ("client_id", Zeroizing::new(provider.client_id.clone()));
    Ok(match provider.authentication {
        ClientAuthentication::SecretBasic => {
            Proof { authorization: Some(basic(&provider.client_id, secret)), form: Vec::new() }
        }
        ClientAuthentication::SecretPost => {
            let text = str::from_utf8(secret.expose()).map_err(|error| bad(error.into()))?;
            let secret = ("client_secret", Zeroizing::new(text.to_owned()));
            Proof { authorization: None, form: vec![client_id(), secret] }
        }
        ClientAuthentication::PrivateKeyJwt => {
            let key = private_key(secret).map_err(bad)?;
            let assertion =
                assertion(&key, &provider.client_id, audience, random, now).map_err(bad)?;
            let assertion = ("client_assertion", Zeroizing::new(assertion));
            let sort = ("client_assertion_type", Zeroizing::new(JWT_BEARER.to_owned()));
            Proof { authorization: None, form: vec![client_id(), sort, assertion] }
        }
    })
}

/// RFC 6749 §2.3.1: both halves are encoded as a form would be before they are joined.
fn basic(client_id: &str, secret: &SecretBytes) -> SecretBytes {
    let mut pair = Zeroizing::new(String::new());
    pair.extend(form_urlencoded::byte_serialize(client_id.as_bytes()));
    pair.push(':');
    pair.extend(form_urlencoded::byte_serialize(secret.expose()));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    SecretBytes::new([b"Basic ", encoded.as_bytes()].concat())
}

/// A PKCS#8 key, in DER or in PEM.
pub(crate) fn private_key(secret: &SecretBytes) -> Result<RsaKeyPair, Cause> {
    let bytes = secret.expose();
    let Some(pem) = str::from_utf8(bytes).ok().filter(|text| text.trim().starts_with("-----"))
    else {
        return Ok(RsaKeyPair::from_pkcs8(bytes)?);
    };
    let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let body = Zeroizing::new(lines.collect::<String>());
    let der = Zeroizing::new(STANDARD.decode(body.as_bytes())?);
    Ok(RsaKeyPair::from_pkcs8(&der)?)
}

/// A JWT that we sign (RFC 7523 §3). Its one audience is the provider's issuer, as the successor of that
/// standard demands: a token endpoint's address as audience could be one that an attacker has named.
fn assertion(
    key: &RsaKeyPair,
    client_id: &str,
    audience: &str,
    random: &dyn Random,
    now: Timestamp,
) -> Result<String, Cause> {
    let public = key.public_key();
    let public = RsaPublicKey::new(
        public.modulus().big_endian_without_leading_zero(),
        public.exponent().big_endian_without_leading_zero(),
    );
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": public.thumbprint().as_str() });
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": hex::encode(draw::<16>(random)),
        "iat": now.secs(),
        "exp": (now + PROOF_LIVES).secs(),
    });
    signed(key, &header, &claims)
}

/// A JWT over these claims, signed with RS256.
pub(crate) fn signed(
    key: &RsaKeyPair,
    header: &serde_json::Value,
    claims: &serde_json::Value,
) -> Result<String, Cause> {
    let encode = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    let digest = digest(&SHA256, message.as_bytes());
    key.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
