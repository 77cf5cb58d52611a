//! Where the records lie: all in the cloud's own store, or the table `identity` in Redis and the others, which
//! must always be durable, in the cloud's store.

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Table,
};
use gatelet_redis::RedisRecords;

use crate::error::Error;
use crate::settings::Reader;

/// The records of a deployment over the cloud's store `R`.
pub(crate) enum Kept<R> {
    /// All in one store.
    Together(R),
    /// Divided by table.
    Divided {
        /// Holds `identity`.
        identity: Box<RedisRecords>,
        /// Holds everything else.
        rest: R,
    },
}

impl<R: Records> Kept<R> {
    /// Reads whether Redis is used. `None` when a mistake was noted.
    pub(crate) fn read(reader: &mut Reader, cloud: R) -> Option<Self> {
        let name = "GATELET_REDIS_URL";
        let Some(url) = reader.optional(name) else { return Some(Self::Together(cloud)) };
        match RedisRecords::connect(&url) {
            Ok(identity) => Some(Self::Divided { identity: Box::new(identity), rest: cloud }),
            Err(error) => {
                reader.mistake(name, error.to_string());
                None
            }
        }
    }

    /// Refuses to start over a Redis that could drop sessions.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        match self {
            Self::Together(_) => Ok(()),
            Self::Divided { identity, .. } => {
                identity.check().await.map_err(|error| Error::start("use Redis", error))
            }
        }
    }

    fn of(&self, partition: &Partition) -> &dyn Records {
        match (self, partition.table()) {
            (Self::Divided { identity, .. }, Table::Identity) => &**identity,
            (Self::Together(all) | Self::Divided { rest: all, .. }, _) => all,
        }
    }
}

#[async_trait]
impl<R: Records> Records for Kept<R> {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        self.of(partition).get(partition, key, now).await
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        self.of(partition).list(partition, range, now).await
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        self.of(commit.partition()).commit(commit, now).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        let (identity, rest) = match self {
            Self::Together(all) => return all.purge(before, budget).await,
            Self::Divided { identity, rest } => (identity, rest),
        };
        let first = identity.purge(before, budget).await?;
        let second = rest.purge(before, budget.saturating_sub(first.deleted)).await?;
        Ok(Purged {
            deleted: first.deleted.saturating_add(second.deleted),
            more: first.more || second.more,
        })
    }
}
