//! The session key: what the cookie carries. Whoever has it is the person, so it is never printed or stored.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::digest::hex_digest_of;
use crate::random::{Random, draw};

/// 256 random bits in 43 characters of base64url.
pub struct SessionKey(Zeroizing<String>);

/// A cookie value that we never issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a session key")]
pub struct BadSessionKey;

impl SessionKey {
    /// Draws a new key.
    pub fn draw(random: &dyn Random) -> Self {
        let bytes = Zeroizing::new(draw::<32>(random));
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
    }

    /// Takes what a browser sent.
    pub fn parse(text: &str) -> Result<Self, BadSessionKey> {
        let mut bytes = Zeroizing::new([0; 32]);
        match URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut()) {
            Ok(32) => Ok(Self(Zeroizing::new(text.to_owned()))),
            _ => Err(BadSessionKey),
        }
    }

    /// Lends the value to the cookie that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The name under which the session is stored.
    #[must_use]
    pub fn digest(&self) -> SessionDigest {
        SessionDigest(hex_digest_of(&["session", &self.0]))
    }
}

/// The name under which a session is stored: a digest of its key, from which the key cannot be found. Whoever
/// has it can end the session and nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionDigest(String);

impl SessionDigest {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}
