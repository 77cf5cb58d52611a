//! Signing keys and what is signed with them.

mod custody;
mod families;
mod grant;
mod keys;
mod public_key;
mod refresh;
mod signer;

pub use self::custody::SecretCustody;
pub use self::families::{Families, Family, FamilyId};
pub use self::grant::{CODE_LIFE, Code, GrantError, Offer, Redeemable, Redemption};
pub use self::keys::{KeyRing, RingKey};
pub use self::public_key::{KeyId, RsaPublicKey};
pub use self::refresh::{AGAIN_WITHIN, Presented, Rotatable};
pub use self::signer::{KeyHandle, KeyMaker, Sha256Digest, Signer};
