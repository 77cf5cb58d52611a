//! Signing keys and what is signed with them.

mod check;
mod claims;
mod custody;
mod exchange;
mod families;
mod grant;
mod issue;
mod keys;
mod public_key;
mod refresh;
mod remembered;
mod remembered_keys;
mod signer;
mod take_back;

use url::Url;

pub use self::check::{Access, CheckError, Invalid, check, read};
pub use self::claims::TOKEN_LIFE;
pub use self::custody::SecretCustody;
pub use self::exchange::{ExchangeError, Grant, Tokens, exchange, tell_refusal};
pub use self::families::{Families, Family, FamilyId};
pub use self::grant::{CODE_LIFE, Code, GrantError, Offer, Redeemable, Redemption};
pub use self::issue::{AccessToken, BROWSER_CLIENT, Holder, IssueError, Wish, allowed, issue};
pub use self::keys::{
    KEPT_AFTER_USE, KeyRing, KeyState, PUBLISHED_BEFORE_USE, ROTATED_AFTER, Retirement, RingKey,
};
pub use self::public_key::{KeyId, RsaPublicKey, VerifyingKey};
pub use self::refresh::{AGAIN_WITHIN, Presented, Rotatable};
pub use self::remembered::RememberedTokens;
pub use self::remembered_keys::RememberedKeys;
pub use self::signer::{KeyHandle, KeyMaker, Sha256Digest, Signer};
pub use self::take_back::{Owner, take_back};

/// The `iss` of our tokens: the base address without the slash at its end.
#[must_use]
pub fn issuer(base_url: &Url) -> &str {
    base_url.as_str().trim_end_matches('/')
}
