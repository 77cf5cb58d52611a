//! Refresh tokens: `family.generation.tag`. The tag is made with a pepper that is in no record, so a token can be
//! made again at any time and never from what is stored.
//!
//! Rotating is one commit. Whoever comes with the same token within half a minute, while its successor is unused,
//! gets the same successor and changes nothing; so of fifty at once each gets an answer, and a lost answer can be
//! asked for again. Any other use of an old token ends the family. All tokens of a family are made with the
//! pepper of its beginning: a rotation of the pepper changes none of them.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::families::{End, Families, Family, FamilyId, Found, Line, Stage, TRIES};
use super::grant::{GrantError, is_same};
use crate::clock::Timestamp;
use crate::digest::hex_digest_of;
use crate::records::StoreError;
use crate::secrets::own::{OwnSecret, OwnSecrets};
use crate::secrets::{Secret, SecretVersion};

/// For how long a token that was rotated still leads to its unused successor.
pub const AGAIN_WITHIN: Duration = Duration::from_secs(30);

/// A refresh token, as its client presents it.
pub struct Presented<'a> {
    /// Its text.
    pub token: &'a str,
    /// Who says to be the client.
    pub client_id: &'a str,
}

/// A refresh token that was found to be good, before it is rotated.
pub struct Rotatable {
    found: Found,
    line: Line,
    token: RefreshToken,
    pepper: Arc<Secret>,
}

/// A refresh token in its parts.
pub(super) struct RefreshToken {
    family: FamilyId,
    generation: u32,
    tag: [u8; 32],
}

/// What an authentic token is good for.
enum Judgement {
    /// It is the newest: it is rotated.
    Rotate,
    /// It was rotated just now: the same successor again.
    Again,
    /// It was used up.
    Reuse,
}

impl Rotatable {
    /// The family that it belongs to.
    #[must_use]
    pub const fn family(&self) -> &Family {
        &self.found.family
    }

    fn judge(&self, now: Timestamp) -> Judgement {
        let newest = self.line.generation;
        let rotated_at = Timestamp::from_millis(self.line.rotated_ms);
        if self.token.generation == newest {
            Judgement::Rotate
        } else if self.token.generation.checked_add(1) == Some(newest)
            && now.since(rotated_at) < AGAIN_WITHIN
        {
            Judgement::Again
        } else {
            Judgement::Reuse
        }
    }

    fn successor(&self) -> Zeroizing<String> {
        let generation = self.token.generation.saturating_add(1);
        RefreshToken::make(&self.found.family, generation, &self.pepper).to_text()
    }
}

impl Families<'_> {
    /// Finds out whether a refresh token is good, and changes nothing if it is. One that is not authentic, or
    /// of another client, has no effect; one that was used up ends its family.
    pub async fn present(
        &self,
        presented: &Presented<'_>,
        secrets: &OwnSecrets<'_>,
        now: Timestamp,
    ) -> Result<Rotatable, GrantError> {
        let token = RefreshToken::parse(presented.token).ok_or(GrantError::Refused)?;
        let found = self.find(&token.family, now).await?.ok_or(GrantError::Refused)?;
        let line = match &found.stage {
            Stage::Live { line } | Stage::Over { line, .. } => line.clone(),
            Stage::Offered { .. } => return Err(GrantError::Refused),
        };
        if found.family.client_id != presented.client_id {
            return Err(GrantError::Refused);
        }
        let version = SecretVersion::new(line.pepper.as_str());
        // A pepper that was made unreadable takes everything with it that it made.
        let pepper = secrets.version(OwnSecret::RefreshPepper, &version).await?;
        let pepper = pepper.ok_or(GrantError::Refused)?;
        if !token.is_authentic(&found.family, &pepper) {
            return Err(GrantError::Refused);
        }
        let rotatable = Rotatable { found, line, token, pepper };
        self.must_be_good(&rotatable, now).await?;
        if self.is_cut(rotatable.family(), now).await? {
            return Err(GrantError::Refused);
        }
        Ok(rotatable)
    }

    /// Rotates a good token and gives its successor: a new one, or the one that another presenter of the same
    /// token was given just now.
    pub async fn rotate(
        &self,
        mut rotatable: Rotatable,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, GrantError> {
        for _ in 0..TRIES {
            if matches!(self.must_be_good(&rotatable, now).await?, Judgement::Again) {
                return Ok(rotatable.successor());
            }
            let successor = rotatable.successor();
            let line = Line {
                generation: rotatable.token.generation.saturating_add(1),
                rotated_ms: now.millis(),
                newest: digest_of_token(&successor),
                before: Some(rotatable.line.newest.clone()),
                ..rotatable.line.clone()
            };
            if self.replace(&rotatable.found, Stage::Live { line }, now).await?.is_some() {
                return Ok(successor);
            }
            rotatable = self.read_again(rotatable, now).await?;
        }
        Err(StoreError::Contended { what: "a family" }.into())
    }

    /// Gives a refresh token back: its family is over (RFC 7009 §2.1). Needs no pepper: the record knows the
    /// newest token and the one before by their digests. True when the token was one of these, of this client.
    pub async fn revoke(
        &self,
        presented: &Presented<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(token) = RefreshToken::parse(presented.token) else { return Ok(false) };
        let Some(found) = self.find(&token.family, now).await? else { return Ok(false) };
        let (Stage::Live { line } | Stage::Over { line, .. }) = &found.stage else {
            return Ok(false);
        };
        let digest = digest_of_token(presented.token);
        let is_known = is_same(&line.newest, &digest)
            || line.before.as_ref().is_some_and(|before| is_same(before, &digest));
        if !is_known || found.family.client_id != presented.client_id {
            return Ok(false);
        }
        self.end(&token.family, End::Revoked, now).await?;
        Ok(true)
    }

    /// Ends the family of a token that was used up, and finishes an end that was interrupted.
    async fn must_be_good(
        &self,
        rotatable: &Rotatable,
        now: Timestamp,
    ) -> Result<Judgement, GrantError> {
        let judgement = rotatable.judge(now);
        let is_live = matches!(rotatable.found.stage, Stage::Live { .. });
        if is_live && !matches!(judgement, Judgement::Reuse) {
            return Ok(judgement);
        }
        self.end(&rotatable.found.family.id, End::RefreshReuse, now).await?;
        Err(GrantError::Refused)
    }

    async fn read_again(
        &self,
        rotatable: Rotatable,
        now: Timestamp,
    ) -> Result<Rotatable, GrantError> {
        let found = self.find(&rotatable.token.family, now).await?.ok_or(GrantError::Refused)?;
        let line = match &found.stage {
            Stage::Live { line } | Stage::Over { line, .. } => line.clone(),
            Stage::Offered { .. } => return Err(GrantError::Refused),
        };
        Ok(Rotatable { found, line, ..rotatable })
    }
}

impl RefreshToken {
    /// The token of a generation.
    pub(super) fn make(family: &Family, generation: u32, pepper: &Secret) -> Self {
        let tag = tag_of(family, generation, pepper);
        Self { family: family.id.clone(), generation, tag }
    }

    /// The text in which a client keeps it.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let Self { family, generation, tag } = self;
        let tag = URL_SAFE_NO_PAD.encode(tag);
        Zeroizing::new(format!("{}.{generation}.{tag}", family.as_str()))
    }

    /// Takes a text apart that is in the one form in which we write tokens.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (family, generation, encoded) = (parts.next()?, parts.next()?, parts.next()?);
        let mut tag = [0; 32];
        let length = URL_SAFE_NO_PAD.decode_slice(encoded, &mut tag).ok()?;
        let token =
            Self { family: FamilyId::parse(family)?, generation: generation.parse().ok()?, tag };
        (length == tag.len() && token.to_text().as_str() == text).then_some(token)
    }

    fn is_authentic(&self, family: &Family, pepper: &Secret) -> bool {
        let expected = tag_of(family, self.generation, pepper);
        verify_slices_are_equal(&expected, &self.tag).is_ok()
    }
}

/// HMAC-SHA-256 over parts whose borders count.
fn tag_of(family: &Family, generation: u32, pepper: &Secret) -> [u8; 32] {
    let mut mac = Context::with_key(&Key::new(HMAC_SHA256, pepper.value.expose()));
    let generation = generation.to_string();
    for part in ["refresh", family.id.as_str(), &generation, &family.client_id] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    let mut tag = [0; 32];
    tag.copy_from_slice(mac.sign().as_ref());
    tag
}

/// What a record knows a token by.
pub(super) fn digest_of_token(token: &str) -> String {
    hex_digest_of(&["refresh token", token])
}
