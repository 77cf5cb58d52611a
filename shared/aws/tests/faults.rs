//! What the adapters make of connections that fail, answers that are lost, and writes that are turned away.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod emulator;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use gatelet_aws::{DynamoRecords, KmsSigner, LambdaInvoke, S3Objects, SecretsManagerSecrets};
use gatelet_contracts::SeededRandom;
use gatelet_core::automation::channel::{Invoke, Invoked};
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Created, ObjectName, Objects, Place};
use gatelet_core::outage::Effect;
use gatelet_core::records::{Commit, Condition, Name, Outcome, Partition, Records, Table};
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets};
use gatelet_core::token::KeyMaker;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
/// Every call must end within this, with all its attempts.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a service does with the requests that it has read.
#[derive(Clone, Copy)]
enum Habit {
    /// Closes the connection.
    HangUp,
    /// Keeps the connection and says nothing.
    Silence,
    /// Answers a status and a body.
    Answer(u16, &'static str),
}

/// A service that keeps the heads of the requests that it has read.
struct Service {
    url: Url,
    heads: Heads,
    connections: Arc<AtomicUsize>,
}

type Heads = Arc<Mutex<Vec<String>>>;

impl Service {
    async fn start(habit: Habit) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let service = Self { url, heads: Heads::default(), connections: Arc::default() };
        let (heads, connections) = (Arc::clone(&service.heads), Arc::clone(&service.connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, habit, Arc::clone(&heads)));
            }
        });
        service
    }

    fn requests(&self) -> usize {
        self.heads.lock().unwrap().len()
    }

    fn records(&self) -> DynamoRecords {
        DynamoRecords::new(emulator::account(self.url.clone()), "gatelet-")
    }
}

async fn serve(mut stream: TcpStream, habit: Habit, heads: Heads) {
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await.is_ok_and(|count| count > 0) {
        let Some((head, length)) = first_request(&received) else { continue };
        if received.len() < length {
            continue;
        }
        received.drain(..length);
        heads.lock().unwrap().push(head);
        match habit {
            Habit::HangUp => return,
            Habit::Silence => {}
            Habit::Answer(status, body) => {
                let length = body.len();
                let head = format!("HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\n\r\n");
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        }
    }
}

/// The head of the first request in lower case, once it has arrived, and how long the whole request is.
fn first_request(received: &[u8]) -> Option<(String, usize)> {
    let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(received.get(..end)?).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse::<usize>().unwrap());
    Some((head, end + length))
}

/// An address where nobody listens.
async fn nobody() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap()).parse().unwrap()
}

fn partition() -> Partition {
    Partition::new(Table::Runs, "run:t:1").unwrap()
}

fn commit_of(keys: &[&str]) -> Commit {
    let empty = Commit::new(partition(), &SeededRandom::new(1));
    keys.iter().fold(empty, |commit, key| {
        let key = Name::new(*key).unwrap();
        commit.put(key, Condition::Absent, b"body".to_vec(), None).unwrap()
    })
}

/// A commit of one write, and one that is a transaction.
fn commits() -> [Commit; 2] {
    [commit_of(&["row"]), commit_of(&["row", "lease"])]
}

#[tokio::test]
async fn a_refused_connection_changes_nothing() {
    let account = emulator::account(nobody().await);
    let records = DynamoRecords::new(Arc::clone(&account), "gatelet-");
    for commit in commits() {
        let outage = records.commit(&commit, NOW).await.unwrap_err();
        assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
    }
    let objects = S3Objects::new(Arc::clone(&account), "sealed", "files");
    let name = ObjectName::new(Place::Sealed, "a").unwrap();
    let outage = objects.create(&name, Bytes::from_static(b"a")).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
    let outage = KmsSigner::new(account).make_key().await.unwrap_err();
    assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
}

#[tokio::test]
async fn a_commit_without_an_answer_is_unknown_and_not_repeated() {
    for habit in [Habit::HangUp, Habit::Silence, Habit::Answer(500, "{}"), Habit::Answer(200, "{")]
    {
        for commit in commits() {
            let service = Service::start(habit).await;
            let records = service.records();
            let ended = tokio::time::timeout(PATIENCE, records.commit(&commit, NOW)).await.unwrap();
            let outage = ended.unwrap_err();
            assert_eq!(outage.effect, Effect::Unknown, "{outage:?}");
            assert_eq!(service.requests(), 1);
        }
    }
}

#[tokio::test]
async fn an_object_or_key_without_an_answer_is_unknown_and_not_made_again() {
    let service = Service::start(Habit::HangUp).await;
    let account = emulator::account(service.url.clone());
    let objects = S3Objects::new(Arc::clone(&account), "sealed", "files");
    let name = ObjectName::new(Place::Sealed, "a").unwrap();
    let outage = objects.create(&name, Bytes::from_static(b"a")).await.unwrap_err();
    assert_eq!((outage.effect, service.requests()), (Effect::Unknown, 1));
    let outage = KmsSigner::new(account).make_key().await.unwrap_err();
    assert_eq!((outage.effect, service.requests()), (Effect::Unknown, 2));
}

#[tokio::test]
async fn a_read_is_repeated_and_ends() {
    let service = Service::start(Habit::HangUp).await;
    let key = Name::new("row").unwrap();
    let records = service.records();
    let partition = partition();
    let read = records.get(&partition, &key, NOW);
    let outage = tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap_err();
    assert_eq!((outage.effect, service.requests()), (Effect::Nothing, 3));
}

#[tokio::test]
async fn contention_is_repeated_and_is_no_conflict() {
    let throttled = r#"{"__type":"x#ProvisionedThroughputExceededException"}"#;
    let contended = r#"{"__type":"x#TransactionCanceledException","CancellationReasons":
        [{"Code":"None"},{"Code":"TransactionConflict"}]}"#;
    for (commit, body) in commits().iter().zip([throttled, contended]) {
        let service = Service::start(Habit::Answer(400, body)).await;
        let outage = service.records().commit(commit, NOW).await.unwrap_err();
        assert_eq!((outage.effect, service.requests()), (Effect::Nothing, 7), "{outage:?}");
    }
}

#[tokio::test]
async fn a_broken_condition_is_a_conflict_even_amid_contention() {
    let failed = r#"{"__type":"x#ConditionalCheckFailedException"}"#;
    let cancelled = r#"{"__type":"x#TransactionCanceledException","CancellationReasons":
        [{"Code":"TransactionConflict"},{"Code":"ConditionalCheckFailed"}]}"#;
    for (commit, body) in commits().iter().zip([failed, cancelled]) {
        let service = Service::start(Habit::Answer(400, body)).await;
        let outcome = service.records().commit(commit, NOW).await.unwrap();
        assert_eq!((outcome, service.requests()), (Outcome::Conflict, 1));
    }
}

#[tokio::test]
async fn a_forbidden_commit_changes_nothing_and_is_not_repeated() {
    let forbidden = r#"{"__type":"x#AccessDeniedException","message":"not allowed"}"#;
    let invalid = r#"{"__type":"x#TransactionCanceledException","CancellationReasons":
        [{"Code":"None"},{"Code":"ValidationError"}]}"#;
    for (commit, body) in commits().iter().zip([forbidden, invalid]) {
        let service = Service::start(Habit::Answer(400, body)).await;
        let outage = service.records().commit(commit, NOW).await.unwrap_err();
        assert_eq!((outage.effect, service.requests()), (Effect::Nothing, 1), "{outage:?}");
    }
}

#[tokio::test]
async fn an_object_that_others_create_at_the_same_time_is_tried_again() {
    let name = ObjectName::new(Place::Sealed, "a").unwrap();
    let ended = |status, body| {
        let name = name.clone();
        async move {
            let service = Service::start(Habit::Answer(status, body)).await;
            let account = emulator::account(service.url.clone());
            let objects = S3Objects::new(account, "sealed", "files");
            (objects.create(&name, Bytes::from_static(b"a")).await, service.requests())
        }
    };
    let there = "<Error><Code>PreconditionFailed</Code></Error>";
    let (created, requests) = ended(412, there).await;
    assert_eq!((created.unwrap(), requests), (Created::AlreadyThere, 1));
    for (status, body) in [
        (409, "<Error><Code>ConditionalRequestConflict</Code></Error>"),
        (503, "<Error><Code>SlowDown</Code></Error>"),
    ] {
        let (created, requests) = ended(status, body).await;
        assert_eq!((created.unwrap_err().effect, requests), (Effect::Nothing, 7));
    }
}

#[tokio::test]
async fn an_outage_tells_the_log_what_happened_and_no_body() {
    let body = r#"{"__type":"x#InternalServerError","message":"try later","other":"body"}"#;
    let service = Service::start(Habit::Answer(500, body)).await;
    let [commit, _] = commits();
    let outage = service.records().commit(&commit, NOW).await.unwrap_err();
    assert_eq!(
        outage.cause.to_string(),
        "500 InternalServerError, request without an id: try later"
    );
    assert!(!format!("{outage:?}").contains("\"body\""), "{outage:?}");
}

#[tokio::test]
async fn a_stored_object_carries_what_object_lock_and_create_once_demand() {
    let service = Service::start(Habit::Answer(200, "")).await;
    let objects = S3Objects::new(emulator::account(service.url.clone()), "sealed", "files");
    let name = ObjectName::new(Place::Sealed, "a/b").unwrap();
    assert_eq!(objects.create(&name, Bytes::from_static(b"a")).await.unwrap(), Created::Yes);
    let heads = service.heads.lock().unwrap();
    assert!(heads[0].starts_with("put /sealed/a/b?x-id=putobject "), "{}", heads[0]);
    assert!(heads[0].contains("\r\nif-none-match: *\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("\r\nx-amz-checksum-crc32: "), "{}", heads[0]);
}

#[tokio::test]
async fn the_services_share_their_connections() {
    let service = Service::start(Habit::Answer(200, "{}")).await;
    let account = emulator::account(service.url.clone());
    let records = DynamoRecords::new(Arc::clone(&account), "gatelet-");
    let [commit, _] = commits();
    assert_eq!(records.commit(&commit, NOW).await.unwrap(), Outcome::Committed);
    let secrets = SecretsManagerSecrets::new(account, "gatelet/");
    assert!(secrets.current(&SecretName::new("a").unwrap()).await.unwrap().is_none());
    assert_eq!(service.requests(), 2);
    assert_eq!(service.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_runner_is_invoked_once_and_nobody_guesses_what_became_of_it() {
    let invoke = async |url: Url| {
        let invoke = LambdaInvoke::new(emulator::account(url), "runner");
        let payload = SecretBytes::new(br#"{"v":1}"#.to_vec());
        invoke.invoke(payload, Duration::from_millis(300)).await
    };
    for (habit, effect) in [
        (Habit::HangUp, Effect::Unknown),
        (Habit::Silence, Effect::Unknown),
        (Habit::Answer(500, "{}"), Effect::Unknown),
        (Habit::Answer(429, r#"{"__type":"TooManyRequestsException"}"#), Effect::Nothing),
        (Habit::Answer(413, r#"{"__type":"RequestTooLargeException"}"#), Effect::Nothing),
        (Habit::Answer(404, r#"{"__type":"ResourceNotFoundException"}"#), Effect::Nothing),
    ] {
        let service = Service::start(habit).await;
        let outage = invoke(service.url.clone()).await.unwrap_err();
        assert_eq!((outage.effect, service.requests()), (effect, 1), "{outage:?}");
    }
    let outage = invoke(nobody().await).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Nothing, "nobody was reached");

    let service = Service::start(Habit::Answer(200, r#"{"exit":{"status":0}}"#)).await;
    let invoked = invoke(service.url.clone()).await.unwrap();
    assert_eq!(invoked, Invoked::Answered(br#"{"exit":{"status":0}}"#.to_vec()));
    let head = service.heads.lock().unwrap().first().cloned().unwrap();
    assert!(head.starts_with("post /2015-03-31/functions/runner/invocations"), "{head}");
    assert!(head.contains("x-amz-invocation-type: requestresponse"), "{head}");
}
