//! The `family` space: everything that comes from one sign-in of a client without a cookie, in one record.
//!
//! A family is offered with a code, lives from the code's redemption on, and is over at the latest a day after
//! the sign-in. Each step is one commit on the version that was read, so of two steps at once one happens.
//! Order of an end: the record says that the family is over and why; the cut of its session, which announces
//! itself; the audit entry; the record says that all this was told. Stopped in between, no token of the family
//! is good for anything any more, and whoever presents one next finds the end untold and tells it.

use serde::{Deserialize, Serialize};

use crate::audit::{Actor, Entry, Trail};
use crate::clock::Timestamp;
use crate::digest::{hex_digest_of, spread};
use crate::identity::StoredFacts;
use crate::random::Random;
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Records, StoreError, Version, decode, encode,
    settle,
};
use crate::revocation::{Cut, Cuts};
use crate::session::SignIn;
use crate::tenant::TenantId;

/// How often a change is tried again when another change of the same family wins.
pub(super) const TRIES: usize = 8;

/// Keeps refresh families. A record holds nothing from which a token or a code could be made.
pub struct Families<'a> {
    pub(super) records: &'a dyn Records,
    pub(super) random: &'a dyn Random,
}

/// A family's id: 128 random bits in hex. It stands in the family's code and in each of its refresh tokens, and
/// nowhere else: whoever knows it had one of them.
#[derive(Clone, PartialEq, Eq)]
pub struct FamilyId(String);

/// What is known about a family.
#[derive(Clone, PartialEq, Eq)]
pub struct Family {
    /// Its id.
    pub id: FamilyId,
    /// The public id that its access tokens carry as `sid`.
    pub session_id: String,
    /// What the sign-in established.
    pub sign_in: SignIn,
    /// To which client its tokens are issued.
    pub client_id: String,
    /// The scope that was asked for at the sign-in, separated by spaces; everything where there was none.
    pub scope: Option<String>,
    /// The audience that was asked for at the sign-in (RFC 8707); our own where there was none.
    pub resource: Option<String>,
    /// When the person signed in.
    pub begun_at: Timestamp,
    /// When it ends, however often it is rotated.
    pub ends_at: Timestamp,
}

/// Why a family ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// Its code was redeemed a second time.
    CodeReuse,
    /// A refresh token was presented after its successor was used, or long after it was rotated.
    RefreshReuse,
    /// Its client gave it back.
    Revoked,
}

/// A family as it was read.
pub(super) struct Found {
    pub(super) family: Family,
    /// The digest of its code, kept for as long as the record, so that a second redemption is noticed.
    pub(super) code: String,
    pub(super) stage: Stage,
    pub(super) version: Version,
}

/// How far a family has come.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Stage {
    /// Its code waits.
    Offered { challenge: String, redirect_uri: String },
    /// Its newest token may be rotated.
    Live { line: Line },
    /// It is over. `told` says whether the cut and the audit entry are made.
    Over { line: Line, why: End, told: bool },
}

/// Where the rotation of a family stands.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Line {
    /// The version of the pepper that makes all its tokens.
    pub(super) pepper: String,
    /// How often it was rotated.
    pub(super) generation: u32,
    /// When it was last rotated, or redeemed.
    pub(super) rotated_ms: u64,
    /// The digest of the newest token, by which somebody without the pepper knows it.
    pub(super) newest: String,
    /// The digest of the one before it.
    pub(super) before: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    tenant: String,
    role: String,
    facts: StoredFacts,
    client_id: String,
    scope: Option<String>,
    resource: Option<String>,
    begun_ms: u64,
    ends_ms: u64,
    code: String,
    stage: Stage,
}

impl FamilyId {
    /// From 128 random bits.
    pub(super) fn new(bits: [u8; 16]) -> Self {
        Self(hex::encode(bits))
    }

    /// From the beginning of a code or token.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_hex = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (is_hex && text.len() == 32).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The public id of the family's session: it leads to the family's record, but not back to its id.
    pub(super) fn session_id(&self) -> String {
        let mut digest = hex_digest_of(&["family session", &self.0]);
        digest.truncate(32);
        digest
    }
}

impl Family {
    /// Every cut that would end this family.
    #[must_use]
    pub fn cuts(&self) -> Vec<Cut> {
        let SignIn { tenant, facts, .. } = &self.sign_in;
        let mut cuts = vec![
            Cut::Session(self.session_id.clone()),
            Cut::Tenant(tenant.clone()),
            Cut::Person(facts.person.public_id()),
            Cut::Client(self.client_id.clone()),
        ];
        if let Some(sid) = &facts.provider_session {
            let provider = facts.provider.clone();
            cuts.push(Cut::ProviderSession { provider, sid: sid.clone() });
        }
        cuts
    }
}

impl End {
    const fn action(self) -> &'static str {
        match self {
            Self::CodeReuse => "code.reuse",
            Self::RefreshReuse => "refresh.reuse",
            Self::Revoked => "token.revoke",
        }
    }
}

impl<'a> Families<'a> {
    /// The families in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    pub(super) async fn find(
        &self,
        id: &FamilyId,
        now: Timestamp,
    ) -> Result<Option<Found>, StoreError> {
        let (partition, key) = place(id)?;
        let Some(record) = self.records.get(&partition, &key, now).await? else { return Ok(None) };
        let stored: Stored = decode("family", &record)?;
        Ok(Some(stored.found(id, record.version)?))
    }

    /// Whether any cut covers the family.
    pub(super) async fn is_cut(&self, family: &Family, now: Timestamp) -> Result<bool, StoreError> {
        Cuts::new(self.records, self.random).cover(&family.cuts(), family.begun_at, now).await
    }

    /// Stores a stage, and says under which version; `None` when the condition did not hold.
    pub(super) async fn store(
        &self,
        (family, code): (&Family, &str),
        stage: Stage,
        (condition, until): (Condition, Timestamp),
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        let (partition, key) = place(&family.id)?;
        let body = encode("family", &Stored::of(family, code, stage))?;
        let commit = Commit::new(partition, self.random).put(key, condition, body, Some(until))?;
        let outcome = settle(self.records, &commit, now).await?;
        Ok((outcome == Outcome::Committed).then(|| commit.version()))
    }

    /// Ends a family, and tells of it before it returns. An offer that was not redeemed simply goes. What has
    /// ended and was told is left alone; the first reason stands.
    pub(super) async fn end(
        &self,
        id: &FamilyId,
        why: End,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let Some(mut found) = self.find(id, now).await? else { return Ok(()) };
            let over = match found.stage.clone() {
                Stage::Over { told: true, .. } => return Ok(()),
                Stage::Over { line, why, told: false } => Some((line, why)),
                Stage::Live { line } => {
                    let over = Stage::Over { line: line.clone(), why, told: false };
                    let stored = self.replace(&found, over, now).await?;
                    if let Some(version) = stored {
                        found.version = version;
                    }
                    stored.map(|_| (line, why))
                }
                Stage::Offered { .. } => {
                    if self.withdraw(&found, now).await? {
                        return Ok(());
                    }
                    None
                }
            };
            if let Some((line, why)) = over {
                self.tell(&found.family, why, now).await?;
                // Where this loses, somebody else has told it too.
                self.replace(&found, Stage::Over { line, why, told: true }, now).await?;
                return Ok(());
            }
        }
        Err(StoreError::Contended { what: "a family" })
    }

    pub(super) async fn replace(
        &self,
        found: &Found,
        stage: Stage,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        let on = (Condition::Version(found.version), found.family.ends_at);
        self.store((&found.family, &found.code), stage, on, now).await
    }

    /// Takes an offer back; false when it was redeemed or taken back meanwhile.
    pub(super) async fn withdraw(&self, found: &Found, now: Timestamp) -> Result<bool, StoreError> {
        let (partition, key) = place(&found.family.id)?;
        let commit = Commit::new(partition, self.random).delete(key, Some(found.version))?;
        Ok(self.records.commit(&commit, now).await? == Outcome::Committed)
    }

    async fn tell(&self, family: &Family, why: End, now: Timestamp) -> Result<(), StoreError> {
        let session = family.session_id.clone();
        Cuts::new(self.records, self.random).cut(&Cut::Session(session.clone()), now).await?;
        let entry = Entry {
            tenant: family.sign_in.tenant.clone(),
            actor: Actor::Session(session.clone()),
            action: why.action(),
            resource: session,
            outcome: "ok".into(),
        };
        Trail::new(self.records, self.random).append(&entry, now).await
    }
}

impl Stored {
    fn of(family: &Family, code: &str, stage: Stage) -> Self {
        let Family { sign_in, client_id, scope, resource, begun_at, ends_at, .. } = family.clone();
        Self {
            v: 1,
            tenant: sign_in.tenant.as_str().into(),
            role: sign_in.role,
            facts: StoredFacts::from(&sign_in.facts),
            client_id,
            scope,
            resource,
            begun_ms: begun_at.millis(),
            ends_ms: ends_at.millis(),
            code: code.into(),
            stage,
        }
    }

    fn found(self, id: &FamilyId, version: Version) -> Result<Found, StoreError> {
        let tenant =
            TenantId::new(self.tenant).map_err(|error| StoreError::unreadable("family", error))?;
        let family = Family {
            id: id.clone(),
            session_id: id.session_id(),
            sign_in: SignIn { tenant, role: self.role, facts: self.facts.into() },
            client_id: self.client_id,
            scope: self.scope,
            resource: self.resource,
            begun_at: Timestamp::from_millis(self.begun_ms),
            ends_at: Timestamp::from_millis(self.ends_ms),
        };
        Ok(Found { family, code: self.code, stage: self.stage, version })
    }
}

fn place(id: &FamilyId) -> Result<(Partition, Name), StoreError> {
    let digest = hex_digest_of(&["family", id.as_str()]);
    Ok((spread("family", &digest)?, Name::new(digest)?))
}
