//! Records: which outages leave the caller in doubt, and that no commit is sent twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gatelet_azure::TableRecords;
use gatelet_contracts::SeededRandom;
use gatelet_contracts::records::NOON;
use gatelet_core::outage::Effect;
use gatelet_core::records::{
    Commit, Condition, Name, Outcome, Partition, Purged, Range, Records as _, Table, Version,
};

use crate::server::{Reply, Server, access, access_by_tls, access_without_identity};

fn records(server: &Server) -> TableRecords {
    TableRecords::new(&access(), server.url(), "gatelet")
}

fn partition() -> Partition {
    Partition::new(Table::Runs, "run:a").unwrap()
}

fn key(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// One commit of each kind that is sent without a look at what is there.
fn commits() -> Vec<Commit> {
    let random = SeededRandom::new(1);
    let put = |commit: Commit, text: &str, condition| {
        commit.put(key(text), condition, b"body".to_vec(), None).unwrap()
    };
    let empty = || Commit::new(partition(), &random);
    let insert = put(empty(), "a", Condition::Absent);
    let upsert = put(empty(), "a", Condition::Anything);
    let both = put(put(empty(), "a", Condition::Absent), "b", Condition::Anything);
    vec![insert, upsert, both]
}

#[tokio::test]
async fn a_commit_that_never_arrived_changed_nothing() {
    let server = Server::gone().await;
    for commit in commits() {
        let outage = records(&server).commit(&commit, NOON).await.unwrap_err();
        assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
    }
}

#[tokio::test]
async fn before_tls_stands_nothing_is_changed() {
    let server = Server::start(|_| Reply::Silence).await;
    let records = TableRecords::new(&access_by_tls(), server.url(), "gatelet");
    for commit in commits() {
        let begun = Instant::now();
        let outage = records.commit(&commit, NOON).await.unwrap_err();
        assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_commit_without_an_answer_is_in_doubt_and_sent_once() {
    for reply in [|| Reply::HangUp, || Reply::Silence] {
        for commit in commits() {
            let server = Server::start(move |_| reply()).await;
            let begun = Instant::now();
            let outage = records(&server).commit(&commit, NOON).await.unwrap_err();
            assert_eq!(outage.effect, Effect::Unknown, "{outage:?}");
            assert!(begun.elapsed() < Duration::from_secs(10));
            assert_eq!(server.asked().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_status_tells_whether_there_is_doubt() {
    for (status, effect) in [
        (400, Effect::Nothing),
        (401, Effect::Nothing),
        (403, Effect::Nothing),
        (413, Effect::Nothing),
        (429, Effect::Nothing),
        (408, Effect::Unknown),
        (500, Effect::Unknown),
        (503, Effect::Unknown),
        (302, Effect::Unknown),
    ] {
        for commit in commits() {
            let server = Server::start(move |_| Reply::status(status)).await;
            let outage = records(&server).commit(&commit, NOON).await.unwrap_err();
            assert_eq!(outage.effect, effect, "{status}");
            assert_eq!(server.asked().len(), 1, "{status}");
        }
    }
}

#[tokio::test]
async fn half_a_transactions_answer_leaves_doubt() {
    let both = commits().pop().unwrap();
    let half = "--b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n--b--\r\n";
    let server =
        Server::start(|_| Reply::Answer(202, "Content-Type: multipart/mixed\r\n", half.into()))
            .await;
    let outage = records(&server).commit(&both, NOON).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Unknown);
}

#[tokio::test]
async fn who_loses_every_race_gives_up_without_a_conflict() {
    let version = Version::from_bytes([7; 16]);
    let entity = format!(r#"{{"v":"{}"}}"#, version.to_hex());
    let server = Server::start(move |request| {
        if request.starts_with("GET ") {
            Reply::Answer(200, "ETag: W/\"1\"\r\n", entity.clone())
        } else {
            Reply::status(412)
        }
    })
    .await;
    let commit = Commit::new(partition(), &SeededRandom::new(1));
    let commit = commit.put(key("a"), Condition::Version(version), Vec::new(), None).unwrap();
    let outage = records(&server).commit(&commit, NOON).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Nothing);
    assert_eq!(server.writes(), 8);
    assert!(server.asked().iter().any(|request| request.contains("if-match: W/\"1\"")));
}

#[tokio::test]
async fn a_missing_table_is_an_outage_and_no_absence() {
    let missing = r#"{"odata.error":{"code":"TableNotFound","message":{"value":"no table"}}}"#;
    let server = Server::start(|_| Reply::json(404, missing)).await;
    let records = records(&server);
    assert!(records.get(&partition(), &key("a"), NOON).await.is_err());
    for commit in commits() {
        let outage = records.commit(&commit, NOON).await.unwrap_err();
        assert_eq!(outage.effect, Effect::Nothing);
    }
    assert_eq!(server.writes(), 3);
}

#[tokio::test]
async fn a_read_is_repeated_a_few_times() {
    let random = SeededRandom::new(1);
    let (failures, version) = (AtomicUsize::new(0), Version::draw(&random));
    let entity = format!(r#"{{"RowKey":"a","v":"{}","b":"Ym9keQ=="}}"#, version.to_hex());
    let server = Server::start(move |_| match failures.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::HangUp,
        1 => Reply::status(503),
        _ => Reply::Answer(200, "ETag: W/\"1\"\r\n", entity.clone()),
    })
    .await;
    let record = records(&server).get(&partition(), &key("a"), NOON).await.unwrap().unwrap();
    assert_eq!((record.version, record.body), (version, b"body".to_vec()));
    assert_eq!(server.asked().len(), 3);

    let server = Server::start(|_| Reply::status(503)).await;
    assert!(records_fail(&server).await);
    assert_eq!(server.asked().len(), 3);
}

async fn records_fail(server: &Server) -> bool {
    records(server).get(&partition(), &key("a"), NOON).await.is_err()
}

#[tokio::test]
async fn a_listing_follows_the_service_past_an_empty_page() {
    let server = Server::start(|request| {
        if request.contains("NextPartitionKey=1%2124%21cA--&NextRowKey=1%2F2") {
            let version = "07".repeat(16);
            let entity = format!(r#"{{"value":[{{"RowKey":"a","v":"{version}","b":""}}]}}"#);
            return Reply::json(200, &entity);
        }
        let headers = "x-ms-continuation-NextPartitionKey: 1!24!cA--\r\n\
             x-ms-continuation-NextRowKey: 1/2\r\n";
        Reply::Answer(200, headers, r#"{"value":[]}"#.to_owned())
    })
    .await;
    let page = records(&server).list(&partition(), &Range::all(10), NOON).await.unwrap();
    assert_eq!(page.records.len(), 1);
    assert_eq!(page.next, None);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn without_an_identity_nothing_is_sent() {
    let server = Server::start(|_| Reply::status(204)).await;
    let records = TableRecords::new(&access_without_identity(), server.url(), "gatelet");
    for commit in commits() {
        let outage = records.commit(&commit, NOON).await.unwrap_err();
        assert_eq!(outage.effect, Effect::Nothing, "{outage:?}");
    }
    assert_eq!(server.asked().len(), 0);
    let nothing = Commit::new(partition(), &SeededRandom::new(1));
    assert_eq!(records.commit(&nothing, NOON).await.unwrap(), Outcome::Committed);
}

#[tokio::test]
async fn a_purge_spares_what_was_written_since_it_looked() {
    let server = Server::start(|request| {
        if request.starts_with("DELETE ") {
            return Reply::status(412);
        }
        let stale = r#"{"PartitionKey":"run:a","RowKey":"a","odata.etag":"W/\"1\""}"#;
        let one = request.contains("/gateletruns()");
        Reply::json(200, &format!(r#"{{"value":[{}]}}"#, if one { stale } else { "" }))
    })
    .await;
    let purged = records(&server).purge(NOON, 10).await.unwrap();
    assert_eq!(purged, Purged { deleted: 0, more: false });
    let asked = server.asked();
    let deletes: Vec<&String> = asked.iter().filter(|text| text.starts_with("DELETE ")).collect();
    assert_eq!(deletes.len(), 1);
    assert!(deletes[0].contains("if-match: W/\"1\"\r\n"), "{}", deletes[0]);
    assert!(asked[0].contains("x%20le%204102488000000L"), "{}", asked[0]);
}
