//! The form of our access tokens (RFC 9068): header, claims, and the text they become.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::KeyId;
use crate::identity::Facts;
use crate::revocation::{Cut, CutDigest};

/// The `typ` of an access token (RFC 9068 §2.1), which no other kind of token of ours has.
pub(super) const TYPE: &str = "at+jwt";
/// The same as a whole media type, which verifiers must take too (RFC 9068 §4).
pub(super) const MEDIA_TYPE: &str = "application/at+jwt";
/// The only algorithm that our tokens are signed with (RFC 7518 §3.3).
pub(super) const ALGORITHM: &str = "RS256";
/// The longest that an access token lives.
pub const TOKEN_LIFE: Duration = Duration::from_mins(15);
/// The longest text that is looked at as a token. HTTP servers allow little more for all headers together.
pub(super) const MAX_TOKEN_BYTES: usize = 8 * 1024;

#[derive(Serialize)]
struct WrittenHeader<'a> {
    typ: &'static str,
    alg: &'static str,
    kid: &'a str,
}

/// What is read of a header. Members that would lead to a key elsewhere, such as `jku`, are not among them.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) typ: Option<String>,
    pub(super) alg: Option<String>,
    pub(super) kid: Option<String>,
    pub(super) crit: Option<IgnoredAny>,
}

/// The claims. Times are in seconds, but for `session_iat`.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims<'a> {
    #[serde(borrow)]
    pub(super) iss: Cow<'a, str>,
    pub(super) sub: String,
    pub(super) aud: String,
    pub(super) exp: u64,
    pub(super) iat: u64,
    pub(super) nbf: u64,
    #[serde(borrow)]
    pub(super) jti: Cow<'a, str>,
    pub(super) tid: String,
    pub(super) scope: String,
    pub(super) role: String,
    pub(super) client_id: String,
    pub(super) sid: String,
    /// When the session was begun, in milliseconds, because cuts are compared with it to the millisecond.
    pub(super) session_iat: u64,
    /// The digest under which the provider's session would be cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) psid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auth_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) acr: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) amr: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    /// A key that the bearer would have to prove (RFC 7800 §3.1). We issue none.
    #[serde(skip_serializing)]
    pub(super) cnf: Option<Value>,
}

impl<'a> Claims<'a> {
    /// Reads the text of claims.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// Header and claims as they are signed, with the claims repeated under their other names.
    pub(super) fn signing_input(
        &self,
        kid: &KeyId,
        aliases: &BTreeMap<String, String>,
    ) -> Result<Zeroizing<String>, serde_json::Error> {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        text.push_str(&written_header(kid)?);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(self.written(aliases)?, &mut text);
        Ok(text)
    }

    fn written(&self, aliases: &BTreeMap<String, String>) -> Result<Vec<u8>, serde_json::Error> {
        if aliases.is_empty() {
            return serde_json::to_vec(self);
        }
        let Value::Object(mut members) = serde_json::to_value(self)? else {
            return serde_json::to_vec(self);
        };
        let others: Map<String, Value> = aliases
            .iter()
            .filter_map(|(alias, claim)| Some((alias.clone(), members.get(claim)?.clone())))
            .collect();
        members.extend(others);
        serde_json::to_vec(&members)
    }
}

/// The header of every token that is signed with a key, as it stands in them.
pub(super) fn written_header(kid: &KeyId) -> Result<String, serde_json::Error> {
    let header = WrittenHeader { typ: TYPE, alg: ALGORITHM, kid: kid.as_str() };
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?))
}

/// The digest under which the session at the provider would be cut, where the provider named one.
pub(super) fn provider_session(facts: &Facts) -> Option<CutDigest> {
    let sid = facts.provider_session.clone()?;
    Some(Cut::ProviderSession { provider: facts.provider.clone(), sid }.digest())
}

/// The parts of a text that has the shape of a signed token: three of them, in base64url. A part that is read is
/// decoded strictly first, so that no other letter gets as far as a parser.
pub(super) struct Shape<'a> {
    /// The signature's bytes.
    pub(super) signature: Vec<u8>,
    /// The header as it stands there.
    pub(super) header: &'a str,
    claims: &'a str,
}

impl<'a> Shape<'a> {
    /// Takes what was signed and its signature apart, or not: the JSON serialisation, for one, has another shape
    /// (RFC 7515 §7.2).
    pub(super) fn of(input: &'a str, signature: &str) -> Option<Self> {
        let (header, claims) = input.split_once('.')?;
        if claims.contains('.') {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { signature, header, claims })
    }

    /// The header, which nobody has vouched for yet.
    pub(super) fn read_header(&self) -> Option<Header> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.header).ok()?).ok()
    }

    /// The text of the claims, once the signature was found to be good.
    pub(super) fn claims(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.claims).ok()
    }
}
