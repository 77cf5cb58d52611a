//! A person's sessions: their list, and the end of one of them by its public id.
//!
//! Whoever asks has a session of the same person in the same tenant, and finds no other than these. Order of an
//! end: as that of signing out.

use std::cmp::Reverse;

use futures::future::try_join_all;

use super::store::{StoredEntry, read_session, subject_partition};
use super::{Reach, Session, Sessions};
use crate::clock::Timestamp;
use crate::identity::Person;
use crate::records::{Name, Record, StoreError, decode, list_all};
use crate::tenant::TenantId;

/// How many of the list are read at the same time.
const AT_ONCE: usize = 16;

impl Sessions<'_> {
    /// The live sessions of a person in a tenant, the newest first.
    pub async fn of_person(
        &self,
        tenant: &TenantId,
        person: &Person,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let entries =
            list_all(self.records, &subject_partition(tenant, person)?, None, now).await?;
        let mut found = Vec::new();
        for entries in entries.chunks(AT_ONCE) {
            let reads = entries.iter().map(|entry| self.listed(entry, now));
            found.extend(try_join_all(reads).await?.into_iter().flatten());
        }
        found.sort_by_key(|session| Reverse(session.begun_at));
        Ok(found)
    }

    /// The live session behind an entry of the list.
    async fn listed(&self, entry: &Record, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let StoredEntry { session, .. } = decode("session entry", entry)?;
        match self.read(&session, now).await? {
            Some(record) => self.live(&record, now).await,
            None => Ok(None),
        }
    }

    /// Ends the session with this public id, if it is one of those that the asking session's person has in its
    /// tenant. False when there is none. Ending what is over is fine.
    pub async fn end_own(
        &self,
        asking: &Session,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Ok(name) = Name::new(id) else { return Ok(false) };
        let partition = subject_partition(&asking.sign_in.tenant, &asking.sign_in.facts.person)?;
        let entry = self.records.get(&partition, &name, now).await?;
        let Some(entry) = entry else { return Ok(false) };
        let StoredEntry { session: digest, .. } = decode("session entry", &entry)?;
        let Some(record) = self.read(&digest, now).await? else { return Ok(false) };
        let by = (asking.id.clone(), Reach::Session);
        self.end_and_tell(&digest, read_session(&record)?, by, now).await?;
        Ok(true)
    }
}
