//! Records in Table storage. A record is an entity; its version is the commit's id and not the entity's tag,
//! so a commit reads the tags first and lets the service compare them.

mod address;
mod batch;
mod change;
mod entity;
mod wire;

use async_trait::async_trait;
use futures::future::try_join_all;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Table, Write,
};
use url::Url;

use self::address::{Continuation, Query};
use self::change::{Change, Seen};
use self::entity::{Entities, Entity, Stale};
use self::wire::{Fate, Wire};
use crate::access::Access;

/// How often a commit starts over that lost a race.
const ATTEMPTS: usize = 8;
/// How many deletions of a purge are under way at once.
const AT_ONCE: usize = 16;
/// The most entities that the service puts on one page.
const PAGE: usize = 1000;

/// Records in one table each of an Azure storage account.
#[derive(Debug)]
pub struct TableRecords {
    wire: Wire,
}

impl TableRecords {
    /// Keeps records at a table service's address, in tables whose names are the prefix (letters and digits
    /// only) followed by the table's own.
    #[must_use]
    pub fn new(access: &Access, service: Url, prefix: &str) -> Self {
        Self { wire: Wire::new(access, service, prefix) }
    }

    /// What stands under the keys that decide about a commit, in the order of its writes.
    async fn look(&self, commit: &Commit, trusting: bool) -> Result<Vec<Option<Seen>>, Outage> {
        let looks = commit.writes().iter().map(|write| self.look_at(commit, write, trusting));
        try_join_all(looks).await
    }

    async fn look_at(
        &self,
        commit: &Commit,
        write: &Write,
        trusting: bool,
    ) -> Result<Option<Seen>, Outage> {
        if !change::needs_a_look(write, trusting) {
            return Ok(None);
        }
        let found =
            self.wire.point(commit.partition(), write.key(), "$select=v,x", "commit").await?;
        found.map(|(entity, tag)| entity.seen(tag)).transpose()
    }

    async fn page(
        &self,
        table: Table,
        query: &Query,
        continuation: Option<&Continuation>,
        doing: &'static str,
    ) -> Result<(Vec<Entity>, Option<Continuation>), Outage> {
        let address = self.wire.addresses.query(table, query, continuation);
        let metadata = if query.tags { "fullmetadata" } else { "nometadata" };
        let answer = self.wire.read(address, metadata, doing).await?;
        let next = Continuation::of(answer.headers());
        let Entities { value } =
            answer.body().json().map_err(|error| Outage::harmless(doing, error))?;
        Ok((value, next))
    }

    /// Deletes one expired entity unless somebody has written it since. Says whether it did.
    async fn delete_stale(&self, table: Table, stale: Stale) -> Result<bool, Outage> {
        let partition = Partition::new(table, stale.partition.clone());
        let key = Name::new(stale.key.clone());
        let (Ok(partition), Ok(key)) = (partition, key) else {
            return Err(Outage::harmless("purge records", "an entity with a foreign name"));
        };
        let delete = Change::Delete { key: &key, tag: stale.tag };
        match self.wire.submit_one(&partition, &delete, "purge records").await {
            Ok(fate) => Ok(fate == Fate::Done),
            // What expired does not exist, so its removal has no effect that anybody could miss.
            Err(outage) => Err(Outage::harmless("purge records", outage.cause)),
        }
    }
}

#[async_trait]
impl Records for TableRecords {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        let found = self.wire.point(partition, key, "", "get a record").await?;
        let record = found.map(|(entity, _)| entity.record("get a record")).transpose()?;
        Ok(record.filter(|record| record.is_live(now)))
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        const DOING: &str = "list records";
        let query = Query::range(partition, range, PAGE);
        let mut continuation = None;
        loop {
            let (entities, next) =
                self.page(partition.table(), &query, continuation.as_ref(), DOING).await?;
            if entities.is_empty() && next.is_some() {
                continuation = next;
                continue;
            }
            let records: Vec<Record> =
                entities.iter().map(|entity| entity.record(DOING)).collect::<Result<_, _>>()?;
            let last = records.last().map(|record| record.key.clone());
            return Ok(Page {
                next: last.filter(|_| next.is_some()),
                records: records.into_iter().filter(|record| record.is_live(now)).collect(),
            });
        }
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        for attempt in 0..ATTEMPTS {
            let seen = self.look(commit, attempt == 0).await?;
            let Some(changes) = change::plan(commit, &seen, now) else {
                return Ok(Outcome::Conflict);
            };
            let fate = match (changes.as_slice(), commit.writes()) {
                // What was read a moment ago is all that these ask for.
                ([], _) | (_, [Write::Expect { .. }]) => Fate::Done,
                ([change], _) => self.wire.submit_one(commit.partition(), change, "commit").await?,
                (changes, _) => self.wire.submit_all(commit, changes).await?,
            };
            if fate == Fate::Done {
                return Ok(Outcome::Committed);
            }
        }
        Err(Outage::harmless("commit", "lost every race against other commits"))
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        let mut purged = Purged::default();
        for table in Table::ALL {
            let mut continuation = None;
            loop {
                let left = budget - purged.deleted;
                if left == 0 {
                    return Ok(Purged { more: true, ..purged });
                }
                let query = Query::expired(before, left.min(PAGE));
                let (entities, next) =
                    self.page(table, &query, continuation.as_ref(), "purge records").await?;
                let stale: Vec<Stale> =
                    entities.into_iter().map(Entity::stale).collect::<Result<_, _>>()?;
                let outcomes: Vec<bool> = stream::iter(stale)
                    .map(|stale| self.delete_stale(table, stale))
                    .buffer_unordered(AT_ONCE)
                    .try_collect()
                    .await?;
                purged.deleted += outcomes.into_iter().filter(|deleted| *deleted).count();
                if next.is_none() {
                    break;
                }
                continuation = next;
            }
        }
        Ok(purged)
    }
}
