//! The contract on a real Redis, and what only a server that fails can show.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatelet_contracts::SeededRandom;
use gatelet_contracts::families::families_contract;
use gatelet_contracts::records::{NOON, Stage, records_contract};
use gatelet_core::outage::Effect;
use gatelet_core::records::{
    Commit, Condition, Name, Outcome, Partition, Purged, Range, Records as _, Table,
};
use gatelet_redis::{RedisRecords, Unfit};
use tempfile::TempDir;

use self::server::Server;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis: cargo xtask test starts it"]
async fn contract() {
    let records = RedisRecords::connect(&shared_url()).unwrap();
    records.check().await.unwrap();
    records_contract(Arc::new(records)).await;
}

// Proves std 72; L 1, 35.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis: cargo xtask test starts it"]
async fn redis_keeps_families() {
    families_contract(Arc::new(RedisRecords::connect(&shared_url()).unwrap())).await;
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test sets it up"]
async fn an_eviction_policy_is_refused() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path(), &[]).await;
    let records = RedisRecords::connect(&server.url).unwrap();
    records.check().await.unwrap();
    for policy in ["allkeys-lru", "volatile-ttl"] {
        let client = redis::Client::open(server.url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("maxmemory-policy").arg(policy);
        set.exec_async(&mut connection).await.unwrap();
        let refusal = records.check().await.unwrap_err();
        assert!(matches!(&refusal, Unfit::Evicts(found) if found == policy), "{refusal:?}");
        assert!(refusal.to_string().contains("noeviction"));
    }
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test sets it up"]
async fn a_stopped_server_is_an_outage_and_no_absence() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path(), &[]).await;
    let records = RedisRecords::connect(&server.url).unwrap();
    let random = SeededRandom::unseeded();
    assert_eq!(records.commit(&put("a", &random), NOON).await.unwrap(), Outcome::Committed);

    server.kill();
    for _ in 0..2 {
        records.get(&partition(), &name("a"), NOON).await.unwrap_err();
        records.list(&partition(), &Range::all(10), NOON).await.unwrap_err();
        records.purge(NOON, 10).await.unwrap_err();
    }
    let outage = records.commit(&put("b", &random), NOON).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Nothing, "no connection, so nothing was sent");
    assert!(matches!(records.check().await, Err(Unfit::Unreachable(_))));
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test sets it up"]
async fn a_silent_server_leaves_the_effect_unknown_in_bounded_time() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path(), &[]).await;
    let records = RedisRecords::connect(&server.url).unwrap();
    let random = SeededRandom::unseeded();
    assert_eq!(records.commit(&put("a", &random), NOON).await.unwrap(), Outcome::Committed);

    server.signal("-STOP");
    let begun = Instant::now();
    let commit = put("b", &random);
    let outage = records.commit(&commit, NOON).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Unknown);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());

    server.signal("-CONT");
    let a = records.get(&partition(), &name("a"), NOON).await.unwrap();
    assert!(a.is_some(), "the record that was there before");
    // The server had the commit in its socket when it was stopped, and reads it before the new connection.
    let b = records.get(&partition(), &name("b"), NOON).await.unwrap();
    assert_eq!(b.unwrap().version, commit.version());
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test sets it up"]
async fn what_was_committed_survives_a_kill() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(folder.path(), &[]).await;
    let random = SeededRandom::unseeded();
    let records = RedisRecords::connect(&server.url).unwrap();
    let commits: Vec<Commit> =
        (0..50).map(|number| put(&format!("row:{number:02}"), &random)).collect();
    for commit in &commits {
        assert_eq!(records.commit(commit, NOON).await.unwrap(), Outcome::Committed);
    }
    server.kill();
    let again = Server::start(folder.path(), &[]).await;
    let records = RedisRecords::connect(&again.url).unwrap();
    let page = records.list(&partition(), &Range::all(100), NOON).await.unwrap();
    let versions: Vec<_> = page.records.iter().map(|record| record.version).collect();
    assert_eq!(versions, commits.iter().map(Commit::version).collect::<Vec<_>>());
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test sets it up"]
async fn a_read_survives_a_connection_that_the_server_closed() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path(), &[]).await;
    let records = RedisRecords::connect(&server.url).unwrap();
    let random = SeededRandom::unseeded();
    assert_eq!(records.commit(&put("a", &random), NOON).await.unwrap(), Outcome::Committed);
    let client = redis::Client::open(server.url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut kill = redis::cmd("CLIENT");
    kill.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
    let killed: u32 = kill.query_async(&mut connection).await.unwrap();
    assert!(killed > 0);
    assert!(records.get(&partition(), &name("a"), NOON).await.unwrap().is_some());
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test sets it up"]
async fn a_purge_clears_names_whose_records_redis_removed() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path(), &[]).await;
    let records = Arc::new(RedisRecords::connect(&server.url).unwrap());
    let stage = Stage::new(records.clone());
    let partition = stage.partition("dangling");
    for number in 0..25 {
        stage.put(&partition, &format!("row:{number:02}"), b"").await;
    }
    let client = redis::Client::open(server.url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let index = format!("{{identity:{}}}:index", partition.name());
    for number in 0..20 {
        let key = format!("{{identity:{}}}:r:row:{number:02}", partition.name());
        // As its own expiry does, a day after the record's.
        let mut expire = redis::cmd("PEXPIRE");
        expire.arg(&key).arg(0).exec_async(&mut connection).await.unwrap();
    }
    assert_eq!(stage.keys(&partition, None, 7).await.len(), 5);
    assert_eq!(records.purge(NOON, 15).await.unwrap(), Purged { deleted: 15, more: true });
    assert_eq!(records.purge(NOON, 15).await.unwrap(), Purged { deleted: 5, more: false });
    let mut count = redis::cmd("ZCARD");
    let left: u32 = count.arg(&index).query_async(&mut connection).await.unwrap();
    assert_eq!(left, 5);
    assert_eq!(stage.keys(&partition, None, 7).await.len(), 5);
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test sets it up"]
async fn replication_is_confirmed_only_while_there_is_a_replica() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let primary = Server::start(one.path(), &["--repl-diskless-sync-delay", "0"]).await;
    let records = RedisRecords::connect(&primary.url).unwrap();
    let random = SeededRandom::unseeded();
    assert_eq!(records.commit(&put("a", &random), NOON).await.unwrap(), Outcome::Committed);
    let moment = Duration::from_millis(200);
    assert!(records.confirm_replicated(0, moment).await.unwrap());
    assert!(!records.confirm_replicated(1, moment).await.unwrap());

    let of = primary.port.to_string();
    let mut replica = Server::start(other.path(), &["--replicaof", "127.0.0.1", &of]).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while !records.confirm_replicated(1, moment).await.unwrap() {
        assert!(Instant::now() < deadline, "the replica never caught up");
    }
    let copy = RedisRecords::connect(&replica.url).unwrap();
    assert!(copy.get(&partition(), &name("a"), NOON).await.unwrap().is_some());
    let refused = copy.commit(&put("b", &random), NOON).await.unwrap_err();
    assert_eq!(refused.effect, Effect::Nothing, "a replica takes no commits");
    replica.kill();
    assert!(!records.confirm_replicated(1, moment).await.unwrap());
}

#[tokio::test]
async fn an_address_is_checked_without_being_told() {
    let Err(error) = RedisRecords::connect("http://:secret@example.com") else {
        panic!("no address of a Redis server");
    };
    let told = format!("{error} {error:?}");
    assert!(!told.contains("secret"), "{told}");
    let refused = RedisRecords::connect("redis://127.0.0.1:1").unwrap();
    let commit = put("a", &SeededRandom::new(1));
    let outage = refused.commit(&commit, NOON).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Nothing);
}

#[expect(clippy::disallowed_methods, reason = "the test's service stands in the environment")]
fn shared_url() -> String {
    std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL: cargo xtask services prints it")
}

fn put(key: &str, random: &SeededRandom) -> Commit {
    Commit::new(partition(), random)
        .put(name(key), Condition::Absent, b"body".to_vec(), None)
        .unwrap()
}

fn partition() -> Partition {
    Partition::new(Table::Identity, "tests").unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
