//! Signing keys and what is signed with them.

mod public_key;
mod signer;

pub use self::public_key::{KeyId, RsaPublicKey};
pub use self::signer::{KeyHandle, KeyMaker, Sha256Digest, Signer};
