//! Whether an ID token proves a sign-in (OpenID Connect Core §3.1.3.7). The library verifies the signature;
//! every rule is here, and time is ours.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, AlgorithmFamily, Header, Validation};
use serde_json::{Map, Value};

use super::claims::Claims;
use super::issuer;
use super::key_set::Key;
use super::{Facts, Refusal};
use crate::clock::Timestamp;
use crate::registry::Provider;

/// The longest ID token, in characters. Two hundred groups of Entra take a third of it.
const LONGEST: usize = 32 * 1024;

/// How far a provider's clock and ours may be apart.
const SKEW: Duration = Duration::from_mins(1);

/// How long ago a token may have been issued that has just been fetched.
const FRESH: Duration = Duration::from_mins(10);

/// What the token must say.
pub(super) struct Expected<'a> {
    pub(super) provider: &'a Provider,
    pub(super) nonce: &'a str,
    pub(super) max_age: Option<Duration>,
    pub(super) acr_values: Option<&'a str>,
    /// The access token that came with it.
    pub(super) access_token: Option<&'a [u8]>,
    pub(super) now: Timestamp,
}

/// The header of a token in the compact form, if its algorithm is one that the provider may use. Addresses and
/// keys in the header (`jku`, `x5u`, `jwk`, `x5c`) are not looked at; what must be understood is not (`crit`).
pub(super) fn header(token: &str, provider: &Provider) -> Result<Header, Refusal> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let dots = token.bytes().filter(|byte| *byte == b'.').count();
    if token.len() > LONGEST || dots != 2 || !token.bytes().all(plain) {
        return Err(Refusal::BadIdToken);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::BadIdToken)?;
    let pinned = provider.algorithms.iter().any(|name| name.parse() == Ok(header.alg));
    let asymmetric = header.alg.family() != AlgorithmFamily::Hmac;
    let typed = header.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    if pinned && asymmetric && typed && header.crit.is_none() {
        Ok(header)
    } else {
        Err(Refusal::BadIdToken)
    }
}

/// The facts that a token proves, if one of the keys has signed it and it keeps every rule.
pub(super) fn facts(
    token: &str,
    header: &Header,
    keys: &[&Key],
    expected: &Expected<'_>,
) -> Result<Facts, Refusal> {
    let (key, claims) = keys
        .iter()
        .find_map(|key| Some((*key, verified(token, header.alg, key)?)))
        .ok_or(Refusal::BadIdToken)?;
    check_issuer(&claims, key, expected.provider)?;
    check_audience(&claims, &expected.provider.client_id)?;
    check_time(&claims, expected.now)?;
    check_binding(&claims, header.alg, expected)?;
    check_strength(&claims, expected)?;
    claims.facts(expected.provider)
}

fn verified(token: &str, algorithm: Algorithm, key: &Key) -> Option<Claims> {
    let mut signature_only = Validation::new(algorithm);
    signature_only.required_spec_claims.clear();
    signature_only.validate_exp = false;
    signature_only.validate_nbf = false;
    signature_only.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &key.decoding, &signature_only);
    decoded.ok().map(|token| Claims(token.claims))
}

/// The issuer is the provider's; a template is filled with the token's own organisation. A key that serves one
/// issuer only must be this one's.
fn check_issuer(claims: &Claims, key: &Key, provider: &Provider) -> Result<(), Refusal> {
    let organisation = claims.text("tid");
    let named = claims.text("iss").ok_or(Refusal::WrongIssuer)?;
    if issuer::resolved(provider, organisation).as_deref() != Some(named) {
        return Err(Refusal::WrongIssuer);
    }
    let keeps = |bound: &String| {
        bound == named
            || organisation.and_then(|it| issuer::fill(bound, it)).as_deref() == Some(named)
    };
    if key.issuer.as_ref().is_none_or(keeps) { Ok(()) } else { Err(Refusal::WrongIssuer) }
}

/// The token is for us and for nobody else.
fn check_audience(claims: &Claims, client_id: &str) -> Result<(), Refusal> {
    let audiences = claims.audiences().ok_or(Refusal::BadIdToken)?;
    let ours = !audiences.is_empty() && audiences.iter().all(|audience| *audience == client_id);
    let asked_by_us = !claims.has("azp") || claims.text("azp") == Some(client_id);
    if ours && asked_by_us { Ok(()) } else { Err(Refusal::BadIdToken) }
}

fn check_time(claims: &Claims, now: Timestamp) -> Result<(), Refusal> {
    let expires_at = claims.time("exp").ok_or(Refusal::BadIdToken)?;
    let issued_at = claims.time("iat").ok_or(Refusal::BadIdToken)?;
    let begun = !claims.has("nbf") || claims.time("nbf").is_some_and(|begin| begin <= now + SKEW);
    let lives = now < expires_at + SKEW;
    let fresh = issued_at <= now + SKEW && now.since(issued_at) <= FRESH;
    if begun && lives && fresh { Ok(()) } else { Err(Refusal::BadIdToken) }
}

/// The token belongs to this sign-in, and to the access token beside it.
fn check_binding(
    claims: &Claims,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<(), Refusal> {
    if claims.text("nonce") != Some(expected.nonce) {
        return Err(Refusal::NonceMismatch);
    }
    if !claims.has("at_hash") {
        return Ok(());
    }
    let hash = expected.access_token.and_then(|token| half_hash(algorithm, token));
    let same = hash.is_some() && claims.text("at_hash") == hash.as_deref();
    if same { Ok(()) } else { Err(Refusal::BadIdToken) }
}

/// The left half of the hash that belongs to the algorithm (OpenID Connect Core §3.1.3.6).
fn half_hash(algorithm: Algorithm, access_token: &[u8]) -> Option<String> {
    let hash = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => &SHA256,
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => &SHA384,
        Algorithm::RS512 | Algorithm::PS512 => &SHA512,
        _ => return None,
    };
    let whole = digest(hash, access_token);
    let half = whole.as_ref().get(..whole.as_ref().len() / 2)?;
    Some(URL_SAFE_NO_PAD.encode(half))
}

/// The proof is as recent and as strong as was asked for. A provider that does not say so has not shown it.
fn check_strength(claims: &Claims, expected: &Expected<'_>) -> Result<(), Refusal> {
    let proved_at = claims.time("auth_time");
    if claims.has("auth_time") && proved_at.is_none_or(|at| at > expected.now + SKEW) {
        return Err(Refusal::BadIdToken);
    }
    if let Some(max_age) = expected.max_age {
        let recent = |at| expected.now.since(at) <= max_age.saturating_add(SKEW);
        if !proved_at.is_some_and(recent) {
            return Err(Refusal::SignInTooOld);
        }
    }
    if let Some(wanted) = expected.acr_values {
        let reached = claims.text("acr").filter(|acr| !acr.is_empty());
        if !reached.is_some_and(|acr| wanted.split(' ').any(|one| one == acr)) {
            return Err(Refusal::SignInTooWeak);
        }
    }
    Ok(())
}
