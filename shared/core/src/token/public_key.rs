//! RSA public keys: as numbers, as a JWK, and under the name that follows from them.

use std::fmt;

use aws_lc_rs::digest::{Digest, SHA256, digest};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Sha256Digest;

/// The public half of an RSA key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// The public half of an RSA key, parsed once and used often: parsing costs a good part of a verification.
pub struct VerifyingKey(ParsedPublicKey);

/// A key's published name: its JWK thumbprint (RFC 7638) in base64url, 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl RsaPublicKey {
    /// From big-endian numbers. Leading zeros are dropped, as a JWK demands (RFC 7518 §6.3.1).
    #[must_use]
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Self {
        Self { modulus: without_zeros(modulus), exponent: without_zeros(exponent) }
    }

    /// The modulus as a JWK's `n`.
    #[must_use]
    pub fn n(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.modulus)
    }

    /// The exponent as a JWK's `e`.
    #[must_use]
    pub fn e(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.exponent)
    }

    /// From a JWK's `n` and `e`; `None` when they are not base64url.
    #[must_use]
    pub fn from_jwk(n: &str, e: &str) -> Option<Self> {
        let modulus = URL_SAFE_NO_PAD.decode(n).ok()?;
        let exponent = URL_SAFE_NO_PAD.decode(e).ok()?;
        Some(Self::new(&modulus, &exponent))
    }

    /// How many bits the modulus has, rounded up to whole bytes.
    #[must_use]
    pub const fn bits(&self) -> usize {
        self.modulus.len() * 8
    }

    /// The thumbprint of RFC 7638: SHA-256 over the required members in lexical order, without spaces.
    #[must_use]
    pub fn thumbprint(&self) -> KeyId {
        let canonical = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, self.e(), self.n());
        KeyId(URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes())))
    }

    /// Whether this key made the RS256 signature of the message. To verify more than one, [`parse`](Self::parse)
    /// it first.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let digest = Sha256Digest::of(message);
        self.parse().is_some_and(|key| key.verifies(&digest, signature))
    }

    /// The key, ready to verify with; `None` when its numbers make no RSA key.
    #[must_use]
    pub fn parse(&self) -> Option<VerifyingKey> {
        let components = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok().map(VerifyingKey)
    }
}

impl VerifyingKey {
    /// Whether this key made the RS256 signature of what has this digest. A modulus of less than 2048 bits makes
    /// none.
    #[must_use]
    pub fn verifies(&self, digest: &Sha256Digest, signature: &[u8]) -> bool {
        let digest = Digest::import_less_safe(digest.as_bytes(), &SHA256);
        digest.is_ok_and(|digest| self.0.verify_digest_sig(&digest, signature).is_ok())
    }
}

impl KeyId {
    /// The `kid` as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn without_zeros(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_the_one_that_rfc_7638_prints() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = RsaPublicKey::from_jwk(n, "AQAB").unwrap();
        assert_eq!(key.thumbprint().as_str(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(key.bits(), 2048);
    }

    #[test]
    fn leading_zeros_do_not_change_a_key() {
        let key = RsaPublicKey::new(&[0, 0, 7], &[0, 1, 0, 1]);
        assert_eq!(key, RsaPublicKey::new(&[7], &[1, 0, 1]));
        assert_eq!(key.e(), "AQAB");
    }
}
