//! The `session` and `subject` spaces.
//!
//! Order of a beginning: the entry in the person's list, then the session; an entry without a session is
//! skipped. Order of an end: the session is marked as ended, then announced; a mark without an announcement
//! is announced by the next try, which still finds the mark.

use serde::{Deserialize, Serialize};

use super::{ABSOLUTE, Browser, IDLE, Session, SessionDigest, SessionKey, SignIn};
use crate::clock::Timestamp;
use crate::digest::{hex_digest_of, spread};
use crate::identity::{Person, StoredFacts};
use crate::random::{Random, draw};
use crate::records::{
    Commit, Condition, Name, Outcome, Partition, Record, Records, StoreError, Table, decode,
    encode, settle,
};
use crate::revocation::{Announcement, Cut, Cuts, Feed, GRACE};
use crate::tenant::TenantId;

/// How often a change is tried again when another change of the same session wins.
const TRIES: usize = 8;

/// The space that sessions lie in.
const SPACE: &str = "session";

/// Keeps sessions.
pub struct Sessions<'a> {
    pub(super) records: &'a dyn Records,
    pub(super) random: &'a dyn Random,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    id: String,
    tenant: String,
    role: String,
    facts: StoredFacts,
    begun_ms: u64,
    idle_ends_ms: u64,
    ends_ms: u64,
    ended_ms: Option<u64>,
    /// Sessions that were begun by an older version have none.
    #[serde(default)]
    browser: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredEntry {
    v: u8,
    pub(super) session: String,
}

impl<'a> Sessions<'a> {
    /// The sessions in these records.
    pub fn new(records: &'a dyn Records, random: &'a dyn Random) -> Self {
        Self { records, random }
    }

    /// Begins a session under a new key.
    pub async fn begin(
        &self,
        sign_in: SignIn,
        browser: Option<Browser>,
        now: Timestamp,
    ) -> Result<(SessionKey, Session), StoreError> {
        let key = SessionKey::draw(self.random);
        let session = Session {
            id: hex::encode(draw::<16>(self.random)),
            sign_in,
            begun_at: now,
            idle_ends_at: now + IDLE,
            ends_at: now + ABSOLUTE,
            browser,
        };
        let digest = key.digest();
        self.enlist(&session, digest.as_str(), now).await?;
        match self
            .store(digest.as_str(), Stored::of(&session, None), Condition::Absent, now)
            .await?
        {
            Outcome::Committed => Ok((key, session)),
            Outcome::Conflict => Err(StoreError::Contended { what: "a new session's key" }),
        }
    }

    /// The live session of this key: stored, not ended, within both its ends, and not covered by a cut.
    pub async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        self.find_stored(&key.digest(), now).await
    }

    /// The live session that is stored under this digest.
    pub async fn find_stored(
        &self,
        digest: &SessionDigest,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let Some(record) = self.read(digest.as_str(), now).await? else { return Ok(None) };
        self.live(&record, now).await
    }

    /// Moves the idle end. `None` when the session is over: an extension never brings one back.
    pub async fn extend(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let digest = key.digest();
        let digest = digest.as_str();
        for _ in 0..TRIES {
            let Some(record) = self.read(digest, now).await? else { return Ok(None) };
            let Some(live) = self.live(&record, now).await? else { return Ok(None) };
            let session = Session { idle_ends_at: (now + IDLE).min(live.ends_at), ..live };
            let condition = Condition::Version(record.version);
            let stored = Stored::of(&session, None);
            if self.store(digest, stored, condition, now).await? == Outcome::Committed {
                return Ok(Some(session));
            }
        }
        Err(StoreError::Contended { what: "a session" })
    }

    /// Ends the session of this key and announces it. Ending what is over, or was never there, is fine.
    pub async fn end(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        self.end_stored(&key.digest(), now).await
    }

    /// Ends the session that is stored under this digest, in the same way.
    pub async fn end_stored(
        &self,
        digest: &SessionDigest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.end_digest(digest.as_str(), now).await
    }

    pub(super) async fn end_digest(&self, digest: &str, now: Timestamp) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let Some(record) = self.read(digest, now).await? else { return Ok(()) };
            let (session, ended_at) = read_session(&record)?;
            if let Some(ended_at) = ended_at {
                return self.announce(&session, ended_at, now).await;
            }
            let condition = Condition::Version(record.version);
            let stored = Stored::of(&session, Some(now));
            if self.store(digest, stored, condition, now).await? == Outcome::Committed {
                return self.announce(&session, now, now).await;
            }
        }
        Err(StoreError::Contended { what: "a session" })
    }

    pub(super) async fn read(
        &self,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        Ok(self.records.get(&spread(SPACE, digest)?, &Name::new(digest)?, now).await?)
    }

    pub(super) async fn live(
        &self,
        record: &Record,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let (session, ended_at) = read_session(record)?;
        if ended_at.is_some() || session.idle_ends_at <= now || session.ends_at <= now {
            return Ok(None);
        }
        let cuts = Cuts::new(self.records, self.random);
        let is_over = cuts.cover(&session.cuts(), session.begun_at, now).await?;
        Ok((!is_over).then_some(session))
    }

    async fn enlist(
        &self,
        session: &Session,
        digest: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let partition = subject_partition(&session.sign_in.tenant, &session.sign_in.facts.person)?;
        let body = encode("session entry", &StoredEntry { v: 1, session: digest.to_owned() })?;
        let commit = Commit::new(partition, self.random).put(
            Name::new(session.id.as_str())?,
            Condition::Anything,
            body,
            Some(session.ends_at),
        )?;
        let _: Outcome = settle(self.records, &commit, now).await?;
        Ok(())
    }

    async fn store(
        &self,
        digest: &str,
        stored: Stored,
        condition: Condition,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let kept_until = Timestamp::from_millis(stored.ends_ms) + GRACE;
        let body = encode("session", &stored)?;
        let commit = Commit::new(spread(SPACE, digest)?, self.random).put(
            Name::new(digest)?,
            condition,
            body,
            Some(kept_until),
        )?;
        Ok(settle(self.records, &commit, now).await?)
    }

    async fn announce(
        &self,
        session: &Session,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let announcement = Announcement::of(&Cut::Session(session.id.clone()), until);
        Feed::new(self.records, self.random).announce(&announcement, now).await
    }
}

impl Stored {
    fn of(session: &Session, ended_at: Option<Timestamp>) -> Self {
        let Session { id, sign_in, begun_at, idle_ends_at, ends_at, browser } = session.clone();
        Self {
            v: 1,
            id,
            tenant: sign_in.tenant.as_str().into(),
            role: sign_in.role,
            facts: StoredFacts::from(&sign_in.facts),
            begun_ms: begun_at.millis(),
            idle_ends_ms: idle_ends_at.millis(),
            ends_ms: ends_at.millis(),
            ended_ms: ended_at.map(Timestamp::millis),
            browser: browser.map(|browser| browser.as_str().to_owned()),
        }
    }
}

pub(super) fn read_session(record: &Record) -> Result<(Session, Option<Timestamp>), StoreError> {
    let stored: Stored = decode("session", record)?;
    let tenant =
        TenantId::new(stored.tenant).map_err(|error| StoreError::unreadable("session", error))?;
    let sign_in = SignIn { tenant, role: stored.role, facts: stored.facts.into() };
    let session = Session {
        id: stored.id,
        sign_in,
        begun_at: Timestamp::from_millis(stored.begun_ms),
        idle_ends_at: Timestamp::from_millis(stored.idle_ends_ms),
        ends_at: Timestamp::from_millis(stored.ends_ms),
        browser: stored.browser.as_deref().and_then(Browser::stored),
    };
    Ok((session, stored.ended_ms.map(Timestamp::from_millis)))
}

/// Where the list of a person's sessions in a tenant lies. Entries are named by the sessions' public ids.
pub(super) fn subject_partition(
    tenant: &TenantId,
    person: &Person,
) -> Result<Partition, StoreError> {
    let digest = hex_digest_of(&["subject", &person.issuer, &person.subject]);
    Ok(Partition::new(Table::Identity, format!("subject:{tenant}:{digest}"))?)
}
