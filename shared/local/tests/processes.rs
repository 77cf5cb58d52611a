//! Several processes on one database: the test program starts itself again as its own rivals.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

use gatelet_contracts::SeededRandom;
use gatelet_contracts::records::{NOON, Stage};
use gatelet_core::automation::{Queue as _, RunId, RunMessage};
use gatelet_core::records::{
    Commit, Condition, Name, Outcome, Partition, Range, Records as _, Table,
};
use gatelet_core::tenant::TenantId;
use gatelet_local::{Database, SqliteQueue, SqliteRecords};
use tempfile::TempDir;

/// Tells a test that it was started by itself, and where the database lies.
const FOLDER: &str = "GATELET_TEST_FOLDER";
const RIVALS: u32 = 4;
const TURNS: u32 = 50;

#[tokio::test]
async fn processes_share_records_and_queue() {
    if let Some(folder) = given_folder() {
        return rival(&folder).await;
    }
    // The folder is empty, so the rivals also race to make the tables.
    let folder = TempDir::new().unwrap();
    let rivals: Vec<Child> =
        (0..RIVALS).map(|_| start("processes_share_records_and_queue", folder.path())).collect();
    for mut rival in rivals {
        assert!(rival.wait().unwrap().success(), "a rival failed");
    }

    let database = Database::open(folder.path()).unwrap();
    let records = SqliteRecords::new(database.clone());
    let counter = records.get(&partition(), &name("counter"), NOON).await.unwrap().unwrap();
    assert_eq!(counter.body, (RIVALS * TURNS).to_string().into_bytes());
    let claims = records.list(&partition(), &Range::prefix(name("claim:"), 1000), NOON).await;
    assert_eq!(claims.unwrap().records.len(), TURNS as usize);

    let queue = SqliteQueue::new(database);
    let mut seen = BTreeSet::new();
    while let Some(delivery) = queue.receive(NOON, Duration::from_mins(1)).await.unwrap() {
        assert!(seen.insert(delivery.text), "a message was leased twice");
    }
    assert_eq!(seen.len(), TURNS as usize, "one message for each claim");
}

async fn rival(folder: &Path) {
    let database = Database::open(folder).unwrap();
    let records = SqliteRecords::new(database.clone());
    let queue = SqliteQueue::new(database);
    let random = SeededRandom::unseeded();
    for turn in 0..TURNS {
        while !increment(&records, &random).await {}
        let claim = Commit::new(partition(), &random)
            .put(name(&format!("claim:{turn:03}")), Condition::Absent, Vec::new(), None)
            .unwrap();
        if records.commit(&claim, NOON).await.unwrap() == Outcome::Committed {
            let run = RunId::new(format!("{turn:032x}")).unwrap();
            let tenant = TenantId::new("acme").unwrap();
            queue.send(&RunMessage { tenant, run, traceparent: None }).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_a_killed_process_committed_is_there() {
    if let Some(folder) = given_folder() {
        return victim(&folder).await;
    }
    let folder = TempDir::new().unwrap();
    let mut victim = start("what_a_killed_process_committed_is_there", folder.path());
    let database = Database::open(folder.path()).unwrap();
    let records = SqliteRecords::new(database);
    // Bounded by the victim itself, which ends with an error after so many commits.
    let seen = loop {
        let counter = records.get(&partition(), &name("counter"), NOON).await.unwrap();
        let reached = counter.map_or(0, |record| number(&record.body));
        if reached >= 20 {
            break reached;
        }
        assert!(victim.try_wait().unwrap().is_none(), "the victim ended too early");
    };
    victim.kill().unwrap();
    victim.wait().unwrap();
    let stage = Stage::new(Arc::new(records));
    let counter = stage.get(&partition(), "counter").await.unwrap();
    assert!(number(&counter.body) >= seen);
    stage.put(&partition(), "after", b"the lock is free again").await;
}

async fn victim(folder: &Path) {
    let records = SqliteRecords::new(Database::open(folder).unwrap());
    let random = SeededRandom::unseeded();
    for _ in 0..100_000 {
        while !increment(&records, &random).await {}
    }
}

async fn increment(records: &SqliteRecords, random: &SeededRandom) -> bool {
    let found = records.get(&partition(), &name("counter"), NOON).await.unwrap();
    let condition =
        found.as_ref().map_or(Condition::Absent, |record| Condition::Version(record.version));
    let next = found.map_or(0, |record| number(&record.body)) + 1;
    let commit = Commit::new(partition(), random)
        .put(name("counter"), condition, next.to_string().into(), None)
        .unwrap();
    records.commit(&commit, NOON).await.unwrap() == Outcome::Committed
}

#[expect(clippy::disallowed_methods, reason = "how a parent tells its child what to do")]
fn given_folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn start(test: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env(FOLDER, folder)
        .spawn()
        .unwrap()
}

fn partition() -> Partition {
    Partition::new(Table::Identity, "shared").unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn number(body: &[u8]) -> u32 {
    std::str::from_utf8(body).unwrap().parse().unwrap()
}
