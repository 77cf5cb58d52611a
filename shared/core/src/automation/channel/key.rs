//! The attempt's key: it opens the mailbox to whoever the worker gave it, and everything that lies there is sealed
//! under keys derived from it. It stands in the runner's memory and in the worker's, and is stored nowhere.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::place::AttemptPlace;
use crate::random::{Random, draw};
use crate::secrets::SecretBytes;

const KEY_BYTES: usize = 32;
/// The length of a letter's tag: HMAC-SHA-256.
pub(super) const TAG_BYTES: usize = 32;

/// 256 random bits that belong to one attempt.
#[derive(Debug)]
pub struct AttemptKey(SecretBytes);

impl AttemptKey {
    pub(super) fn draw(random: &dyn Random) -> Self {
        Self(SecretBytes::new(draw::<KEY_BYTES>(random).to_vec()))
    }

    /// A key from its text: base64url of 32 bytes.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        (bytes.len() == KEY_BYTES).then(|| Self(SecretBytes::new(bytes.to_vec())))
    }

    pub(super) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// What is stored to know it again.
    pub(super) fn digest(&self) -> String {
        hex::encode(digest(&SHA256, self.0.expose()))
    }

    /// Whether it is the one of this digest. How long the answer takes tells nothing about either.
    pub(super) fn is(&self, digest: &str) -> bool {
        verify_slices_are_equal(self.digest().as_bytes(), digest.as_bytes()).is_ok()
    }

    /// What seals the mailbox of this place.
    pub(super) fn seals(&self, place: &AttemptPlace) -> Result<Seals, Unspecified> {
        let secret = Salt::new(HKDF_SHA256, b"gatelet attempt channel").extract(self.0.expose());
        let about = place.to_string();
        let cipher =
            UnboundKey::from(secret.expand(&[b"letters", about.as_bytes()], &AES_256_GCM)?);
        let tags = secret.expand(&[b"tags", about.as_bytes()], hmac::HMAC_SHA256)?.into();
        Ok(Seals { cipher: LessSafeKey::new(cipher), tags })
    }
}

/// Seals what lies in one mailbox: AES-256-GCM with a random nonce, bound to the record that it lies in.
pub(super) struct Seals {
    cipher: LessSafeKey,
    tags: hmac::Key,
}

impl Seals {
    /// Tells two letters apart without telling anything about either.
    pub(super) fn tag(&self, letter: &[u8]) -> [u8; TAG_BYTES] {
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(hmac::sign(&self.tags, letter).as_ref());
        tag
    }

    pub(super) fn seal(
        &self,
        record: &str,
        plain: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, Unspecified> {
        let nonce = draw::<NONCE_LEN>(random);
        let mut bytes = Zeroizing::new(plain.to_vec());
        let aad = Aad::from(record.as_bytes());
        let nonce_of_it = Nonce::assume_unique_for_key(nonce);
        self.cipher.seal_in_place_append_tag(nonce_of_it, aad, &mut *bytes)?;
        Ok([&nonce[..], bytes.as_slice()].concat())
    }

    /// `None` for what was not sealed for this record, or was changed.
    pub(super) fn open(&self, record: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(record.as_bytes());
        let plain = self.cipher.open_in_place(nonce, aad, &mut bytes).ok()?.len();
        bytes.truncate(plain);
        Some(bytes)
    }
}
