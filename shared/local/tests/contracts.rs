//! Every contract, run against this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_contracts::SeededRandom;
use gatelet_contracts::families::families_contract;
use gatelet_contracts::objects::{
    Strictness, Visit, Visitor, object_addresses_contract, objects_contract,
};
use gatelet_contracts::queue::{Receiver, queue_contract};
use gatelet_contracts::records::{NOON, Stage, purge, records_contract};
use gatelet_contracts::secrets::secrets_contract;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, Created, Objects as _};
use gatelet_local::{
    Database, Direction, FileObjects, FileSecrets, Redeemed, SqliteQueue, SqliteRecords,
};
use tempfile::TempDir;
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn records() {
    let folder = TempDir::new().unwrap();
    let records = SqliteRecords::new(Database::open(folder.path()).unwrap());
    records_contract(Arc::new(records)).await;
}

// Proves std 72; L 1, 35.
#[tokio::test(flavor = "multi_thread")]
async fn families() {
    let folder = TempDir::new().unwrap();
    let records = SqliteRecords::new(Database::open(folder.path()).unwrap());
    families_contract(Arc::new(records)).await;
}

#[tokio::test]
async fn expired_records_are_physically_gone_after_a_purge() {
    let folder = TempDir::new().unwrap();
    let records = SqliteRecords::new(Database::open(folder.path()).unwrap());
    purge::a_purge_deletes_what_expired(&Stage::new(Arc::new(records))).await;
}

#[tokio::test]
async fn secrets() {
    let folder = TempDir::new().unwrap();
    secrets_contract(&FileSecrets::open(folder.path()).unwrap()).await;
}

#[tokio::test]
async fn queue() {
    let folder = TempDir::new().unwrap();
    let queue = SqliteQueue::new(Database::open(folder.path()).unwrap());
    queue_contract(&queue, &Worker(&queue)).await;
}

#[tokio::test]
async fn objects() {
    let folder = TempDir::new().unwrap();
    objects_contract(&open_objects(&folder)).await;
}

#[tokio::test]
async fn object_addresses() {
    let folder = TempDir::new().unwrap();
    let objects = open_objects(&folder);
    let strictness = Strictness { refuses_overwrites: true, refuses_expired: true };
    object_addresses_contract(&objects, &Door(&objects), NOON, strictness).await;
}

fn open_objects(folder: &TempDir) -> FileObjects {
    let base = Url::parse("https://gate.example").unwrap();
    let random = Arc::new(SeededRandom::unseeded());
    FileObjects::open(Database::open(folder.path()).unwrap(), base, random).unwrap()
}

struct Worker<'a>(&'a SqliteQueue);

#[async_trait]
impl Receiver for Worker<'_> {
    async fn receive(&self) -> Option<String> {
        let delivery = self.0.receive(NOON, Duration::from_mins(1)).await.unwrap()?;
        assert!(self.0.delete(&delivery).await.unwrap());
        Some(delivery.text)
    }
}

/// Answers tickets as the plain server will.
struct Door<'a>(&'a FileObjects);

impl Door<'_> {
    async fn redeem(&self, address: &Address, now: Timestamp) -> Option<Redeemed> {
        let path = address.expose().path();
        let ticket = path.strip_prefix("/objects/").unwrap();
        self.0.redeem(ticket, now).await.unwrap()
    }
}

#[async_trait]
impl Visitor for Door<'_> {
    async fn put(&self, address: &Address, body: Bytes) -> u16 {
        let Some(Redeemed { name, direction: Direction::Upload }) =
            self.redeem(address, NOON).await
        else {
            return 404;
        };
        match self.0.create(&name, body).await.unwrap() {
            Created::Yes => 201,
            Created::AlreadyThere => 409,
        }
    }

    async fn get(&self, address: &Address) -> Visit {
        let found = match self.redeem(address, NOON).await {
            Some(Redeemed { name, direction: Direction::Download }) => {
                self.0.read(&name, 0, u64::MAX).await.unwrap()
            }
            _ => None,
        };
        let headers = vec![("content-disposition".to_owned(), "attachment".to_owned())];
        found.map_or_else(
            || Visit { status: 404, headers: Vec::new(), body: Bytes::new() },
            |body| Visit { status: 200, headers: headers.clone(), body },
        )
    }
}
