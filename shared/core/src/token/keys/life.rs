//! The life of a key: begun by a command or by age, and carried on by the upkeep.

use std::time::Duration;

use super::stored::{self, Head, partition, read_head, read_key};
use super::{KeyRing, KeyState, RingKey, make};
use crate::clock::Timestamp;
use crate::records::{Commit, Condition, Name, Outcome, StoreError, Version, list_all, settle};
use crate::token::claims::TOKEN_LIFE;
use crate::token::remembered_keys::SIGNING_FRESH;
use crate::token::{KeyMaker, Signer};

/// How long a key is published before it signs: twice as long as anybody keeps the published set.
pub const PUBLISHED_BEFORE_USE: Duration = Duration::from_mins(10);
/// How long a key is published after it last signed. A process signs with it a minute longer, its tokens live
/// fifteen, and verifiers may keep the set for five; the rest is for clocks.
pub const KEPT_AFTER_USE: Duration = Duration::from_hours(1);
/// The age at which a current key is replaced without being asked.
pub const ROTATED_AFTER: Duration = Duration::from_hours(90 * 24);

/// What came of the wish to retire a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retirement {
    /// It is published no longer.
    Gone,
    /// No key of this name is published, or not any more.
    Unknown,
    /// It signs, or will sign next. Another one must sign first.
    Needed(KeyState),
    /// It signed until a moment ago: tokens that it signed may live until then.
    TokensUntil(Timestamp),
}

/// The whole ring as it was read.
struct Ring {
    head: Head,
    keys: Vec<(RingKey, Version)>,
}

impl KeyRing<'_> {
    /// Begins a rotation: publishes the key that will sign next. Where one is published already, it is that one.
    /// In a ring without any key, it is the first, which signs at once.
    pub async fn rotate_begin(
        &self,
        maker: &dyn KeyMaker,
        signer: &dyn Signer,
        now: Timestamp,
    ) -> Result<RingKey, StoreError> {
        let Some(head) = self.head(now).await? else {
            return self.ensure(maker, signer, now).await;
        };
        if let Some(next) = self.next_of(&head, now).await? {
            return Ok(next);
        }
        let key = make(maker, signer, KeyState::Next, now).await?;
        let written = stored::head(&head.current, Some(key.id.as_str()))?;
        let commit = Commit::new(partition()?, self.random)
            .put(Name::new(stored::HEAD)?, Condition::Version(head.version), written, None)?
            .put(Name::new(key.id.as_str())?, Condition::Absent, stored::key(&key)?, None)?;
        if settle(self.records, &commit, now).await? == Outcome::Committed {
            return Ok(key);
        }
        // Somebody else began one, or ended one, at the same moment.
        let contended = StoreError::Contended { what: "the next key" };
        let head = self.head(now).await?.ok_or(contended)?;
        let contended = StoreError::Contended { what: "the next key" };
        self.next_of(&head, now).await?.ok_or(contended)
    }

    /// Takes every step whose time has come: makes the first key, lets the next one sign, begins the rotation of
    /// an old one, drops what has retired.
    pub async fn tend(
        &self,
        maker: &dyn KeyMaker,
        signer: &dyn Signer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(ring) = self.read(now).await? else {
            self.ensure(maker, signer, now).await?;
            return Ok(());
        };
        if let Some((next, _)) = ring.next() {
            if now.since(next.since) >= PUBLISHED_BEFORE_USE {
                self.promote(&ring, now).await?;
            }
        } else if ring.current().is_some_and(|(key, _)| now.since(key.since) >= ROTATED_AFTER) {
            self.rotate_begin(maker, signer, now).await?;
        }
        for (key, version) in &ring.keys {
            if key.state == KeyState::Retiring && now.since(key.since) >= KEPT_AFTER_USE {
                self.drop_key(key, *version, now).await?;
            }
        }
        Ok(())
    }

    /// Stops publishing a key that no longer signs, before [`tend`](Self::tend) does. Tokens that it signed end with
    /// it, so while there may be some it goes only when that is `meant`. Whoever keeps the published set or has read
    /// the ring knows it for five minutes more.
    pub async fn retire(
        &self,
        id: &str,
        meant: bool,
        now: Timestamp,
    ) -> Result<Retirement, StoreError> {
        let Some(ring) = self.read(now).await? else { return Ok(Retirement::Unknown) };
        let found = ring.keys.iter().find(|(key, _)| key.id.as_str() == id);
        let Some((key, version)) = found else { return Ok(Retirement::Unknown) };
        if key.state != KeyState::Retiring {
            return Ok(Retirement::Needed(key.state));
        }
        let until = key.since + SIGNING_FRESH + TOKEN_LIFE;
        if now < until && !meant {
            return Ok(Retirement::TokensUntil(until));
        }
        self.drop_key(key, *version, now).await?;
        Ok(Retirement::Gone)
    }

    async fn next_of(&self, head: &Head, now: Timestamp) -> Result<Option<RingKey>, StoreError> {
        match &head.next {
            Some(id) => self.key(id, now).await,
            None => Ok(None),
        }
    }

    async fn read(&self, now: Timestamp) -> Result<Option<Ring>, StoreError> {
        let mut head = None;
        let mut keys = Vec::new();
        for record in &list_all(self.records, &partition()?, None, now).await? {
            if record.key.as_str() == stored::HEAD {
                head = Some(read_head(record)?);
            } else {
                keys.push(read_key(record)?);
            }
        }
        Ok(head.map(|head| Ring { head, keys }))
    }

    /// Lets the next key sign and the current one retire. A conflict means that somebody else has.
    async fn promote(&self, ring: &Ring, now: Timestamp) -> Result<(), StoreError> {
        let (Some(next), Some(current)) = (ring.next(), ring.current()) else { return Ok(()) };
        let head = stored::head(next.0.id.as_str(), None)?;
        let mut commit = Commit::new(partition()?, self.random).put(
            Name::new(stored::HEAD)?,
            Condition::Version(ring.head.version),
            head,
            None,
        )?;
        for ((key, version), state) in [(next, KeyState::Current), (current, KeyState::Retiring)] {
            let moved = stored::key(&RingKey { state, since: now, ..key.clone() })?;
            let condition = Condition::Version(*version);
            commit = commit.put(Name::new(key.id.as_str())?, condition, moved, None)?;
        }
        let _: Outcome = settle(self.records, &commit, now).await?;
        Ok(())
    }

    async fn drop_key(
        &self,
        key: &RingKey,
        version: Version,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let commit = Commit::new(partition()?, self.random)
            .delete(Name::new(key.id.as_str())?, Some(version))?;
        // Nobody puts a retired key back, so a second deletion finds the first and does nothing.
        let _: Outcome = self.records.commit(&commit, now).await?;
        Ok(())
    }
}

impl Ring {
    fn next(&self) -> Option<&(RingKey, Version)> {
        let id = self.head.next.as_deref()?;
        self.keys.iter().find(|(key, _)| key.id.as_str() == id)
    }

    fn current(&self) -> Option<&(RingKey, Version)> {
        self.keys.iter().find(|(key, _)| key.id.as_str() == self.head.current)
    }
}
