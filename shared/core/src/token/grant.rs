//! The authorization code: offered at the end of a sign-in, redeemed once, within a minute, by whoever began it.
//!
//! Redeeming is one commit that turns the offer into a live family. Of two redemptions at once one wins, and the
//! other, like every later one, ends the family: somebody else has the code (RFC 6749 §4.1.2).

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::families::{End, Families, Family, FamilyId, Found, Line, Stage};
use super::refresh::{RefreshToken, digest_of_token};
use crate::clock::Timestamp;
use crate::digest::hex_digest_of;
use crate::outage::Outage;
use crate::random::draw;
use crate::records::{Condition, StoreError};
use crate::revocation::LONGEST_LIFE;
use crate::secrets::own::{OwnSecret, OwnSecrets};
use crate::session::SignIn;

/// How long a code may wait for its redemption.
pub const CODE_LIFE: Duration = Duration::from_mins(1);

/// What a sign-in offers to a client without a cookie. All of it was checked: the client is registered, the
/// redirect address is one of its own, and the challenge is one of S256.
pub struct Offer<'a> {
    /// What the sign-in established.
    pub sign_in: &'a SignIn,
    /// To which client.
    pub client_id: &'a str,
    /// Where the code is sent, exactly as the client wrote it.
    pub redirect_uri: &'a str,
    /// The challenge of the client's verifier (RFC 7636 §4.2, S256).
    pub challenge: &'a str,
    /// The scope that the client asked for.
    pub scope: Option<&'a str>,
    /// The audience that the client asked for.
    pub resource: Option<&'a str>,
}

/// An authorization code. Only the redirect to the client may carry it.
pub struct Code(Zeroizing<String>);

/// A token request with a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
pub struct Redemption<'a> {
    /// The code.
    pub code: &'a str,
    /// Who says to be the client.
    pub client_id: &'a str,
    /// Where the code was sent, as in the authorization request.
    pub redirect_uri: &'a str,
    /// The secret behind the challenge.
    pub verifier: &'a str,
}

/// A code or refresh token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Nothing is known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not good, or not any more, or somebody else's. The caller is told no more (RFC 6749 §5.2).
    #[error("the grant is not good")]
    Refused,
}

impl From<Outage> for GrantError {
    fn from(outage: Outage) -> Self {
        Self::Store(outage.into())
    }
}

/// A code that was found to be good, before it is used up.
pub struct Redeemable(Found);

impl Redeemable {
    /// The family that it is for.
    #[must_use]
    pub const fn family(&self) -> &Family {
        &self.0.family
    }
}

impl Code {
    /// Lends the text to the redirect that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Families<'_> {
    /// Offers a family to a client. The 24 hours of the family begin now.
    pub async fn offer(&self, offer: &Offer<'_>, now: Timestamp) -> Result<Code, StoreError> {
        let id = FamilyId::new(draw(self.random));
        let secret = Zeroizing::new(draw::<32>(self.random));
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(*secret));
        let code = Zeroizing::new(format!("{}.{}", id.as_str(), *secret));
        let family = Family {
            session_id: id.session_id(),
            id,
            sign_in: offer.sign_in.clone(),
            client_id: offer.client_id.into(),
            scope: offer.scope.map(Into::into),
            resource: offer.resource.map(Into::into),
            begun_at: now,
            ends_at: now + LONGEST_LIFE,
        };
        let stage = Stage::Offered {
            challenge: offer.challenge.into(),
            redirect_uri: offer.redirect_uri.into(),
        };
        let on = (Condition::Absent, now + CODE_LIFE);
        let digest = digest_of_code(&code);
        match self.store((&family, &digest), stage, on, now).await? {
            Some(_) => Ok(Code(code)),
            None => Err(StoreError::Contended { what: "a new family's id" }),
        }
    }

    /// Finds out whether a code is good, and changes nothing if it is. A code that was redeemed before ends its
    /// family; one that comes without what belongs to it is withdrawn, because whoever has it has found it.
    pub async fn present_code(
        &self,
        redemption: &Redemption<'_>,
        now: Timestamp,
    ) -> Result<Redeemable, GrantError> {
        let found = self.find_by_code(redemption.code, now).await?.ok_or(GrantError::Refused)?;
        let Stage::Offered { challenge, redirect_uri } = &found.stage else {
            self.end(&found.family.id, End::CodeReuse, now).await?;
            return Err(GrantError::Refused);
        };
        let belongs = found.family.client_id == redemption.client_id
            && redirect_uri == redemption.redirect_uri
            && answers(redemption.verifier, challenge);
        if !belongs {
            self.withdraw(&found, now).await?;
            return Err(GrantError::Refused);
        }
        if self.is_cut(&found.family, now).await? {
            return Err(GrantError::Refused);
        }
        Ok(Redeemable(found))
    }

    /// Uses a code up, and gives the family's first refresh token. Whatever else the answer needs is made
    /// before: after this, the code is gone.
    pub async fn redeem(
        &self,
        redeemable: Redeemable,
        secrets: &OwnSecrets<'_>,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, GrantError> {
        let Redeemable(found) = redeemable;
        let pepper = secrets.current(OwnSecret::RefreshPepper, now).await?;
        let token = RefreshToken::make(&found.family, 0, &pepper).to_text();
        let line = Line {
            pepper: pepper.version.as_str().into(),
            generation: 0,
            rotated_ms: now.millis(),
            newest: digest_of_token(&token),
            before: None,
        };
        if self.replace(&found, Stage::Live { line }, now).await?.is_some() {
            return Ok(token);
        }
        self.end(&found.family.id, End::CodeReuse, now).await?;
        Err(GrantError::Refused)
    }

    async fn find_by_code(&self, code: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
        let id = code.split_once('.').and_then(|(id, _)| FamilyId::parse(id));
        let Some(id) = id else { return Ok(None) };
        let found = self.find(&id, now).await?;
        let digest = digest_of_code(code);
        Ok(found.filter(|found| is_same(&found.code, &digest)))
    }
}

/// Whether the verifier is well-formed (RFC 7636 §4.1) and the one behind the challenge.
fn answers(verifier: &str, challenge: &str) -> bool {
    let letters = verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let derived = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    letters && (43..=128).contains(&verifier.len()) && is_same(&derived, challenge)
}

/// Compares in a time that tells nothing.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn digest_of_code(code: &str) -> String {
    hex_digest_of(&["code", code])
}
