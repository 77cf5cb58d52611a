//! A store under test, with partitions that nobody else uses.

use std::sync::Arc;

use gatelet_core::clock::Timestamp;
use gatelet_core::outage::{Effect, Outage};
use gatelet_core::records::{
    Commit, Condition, Name, Outcome, Partition, Record, Records, Table, Version,
};

use crate::random::{SeededRandom, unique};

/// The present moment of most clauses: noon on 1 January 2100.
pub const NOON: Timestamp = Timestamp::from_secs(4_102_488_000);

/// How often a commit is repeated that was turned away without effect.
const REPEATS: usize = 100;

/// A store under test.
pub struct Stage {
    /// The store.
    pub records: Arc<dyn Records>,
    /// Draws the versions.
    pub random: SeededRandom,
    run: String,
}

impl Stage {
    /// A stage whose partitions no other stage has.
    #[must_use]
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self { records, random: SeededRandom::unseeded(), run: unique() }
    }

    /// A partition in the table of identities. The same name gives the same partition.
    #[must_use]
    pub fn partition(&self, name: &str) -> Partition {
        self.partition_in(Table::Identity, name)
    }

    /// A partition in a table.
    #[must_use]
    pub fn partition_in(&self, table: Table, name: &str) -> Partition {
        Partition::new(table, format!("contract:{name}:{}", self.run)).unwrap()
    }

    /// An empty commit.
    #[must_use]
    pub fn commit(&self, partition: &Partition) -> Commit {
        Commit::new(partition.clone(), &self.random)
    }

    /// Puts a record on no condition.
    pub async fn put(&self, partition: &Partition, key: &str, body: &[u8]) -> Version {
        self.put_until(partition, key, body, None).await
    }

    /// Puts a record on no condition that ends at a moment.
    pub async fn put_until(
        &self,
        partition: &Partition,
        key: &str,
        body: &[u8],
        expires_at: Option<Timestamp>,
    ) -> Version {
        let commit = self
            .commit(partition)
            .put(name(key), Condition::Anything, body.to_vec(), expires_at)
            .unwrap();
        assert_eq!(self.apply(&commit).await, Outcome::Committed, "{key} was not put");
        commit.version()
    }

    /// Reads a record at noon.
    pub async fn get(&self, partition: &Partition, key: &str) -> Option<Record> {
        self.get_at(partition, key, NOON).await
    }

    /// Reads a record at a moment.
    pub async fn get_at(&self, partition: &Partition, key: &str, now: Timestamp) -> Option<Record> {
        match self.records.get(partition, &name(key), now).await {
            Ok(found) => found,
            Err(outage) => panic!("could not get {key}: {}", chain(&outage)),
        }
    }

    /// Commits at noon.
    pub async fn apply(&self, commit: &Commit) -> Outcome {
        self.apply_at(commit, NOON).await
    }

    /// Commits at a moment. A store that loses a race may turn a commit away without effect; it is repeated.
    pub async fn apply_at(&self, commit: &Commit, now: Timestamp) -> Outcome {
        for _ in 0..REPEATS {
            match self.records.commit(commit, now).await {
                Ok(outcome) => return outcome,
                Err(outage) if outage.effect == Effect::Nothing => {}
                Err(outage) => panic!("a commit's outcome is unknown: {}", chain(&outage)),
            }
        }
        panic!("a commit was turned away {REPEATS} times");
    }

    /// All keys of a partition at noon, from pages of this size.
    pub async fn keys(
        &self,
        partition: &Partition,
        prefix: Option<&str>,
        limit: u16,
    ) -> Vec<String> {
        let mut range =
            gatelet_core::records::Range { prefix: prefix.map(name), after: None, limit };
        let mut keys = Vec::new();
        loop {
            let page = match self.records.list(partition, &range, NOON).await {
                Ok(page) => page,
                Err(outage) => panic!("could not list: {}", chain(&outage)),
            };
            let most = usize::from(limit.max(1));
            assert!(page.records.len() <= most, "a page of {} records", page.records.len());
            keys.extend(page.records.into_iter().map(|record| record.key.to_string()));
            match page.next {
                Some(next) => {
                    assert!(range.after.as_ref() < Some(&next), "the listing does not go on");
                    range.after = Some(next);
                }
                None => return keys,
            }
        }
    }
}

/// A name that is known to be good.
pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// An outage and what the driver said.
fn chain(outage: &Outage) -> String {
    let mut text = outage.to_string();
    let mut cause: Option<&dyn std::error::Error> = Some(&*outage.cause);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
