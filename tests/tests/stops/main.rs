//! Every order of commits, stopped after each of them and begun again: nothing half-done does harm, and the
//! second try ends where an undisturbed one would have.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod everywhere;
mod families;
mod keys;
mod runs;

use std::time::Duration;

use gatelet_contracts::SeededRandom;
use gatelet_contracts::runs::run_request;
use gatelet_core::audit::{Actor, ChainHead, Entry, Trail};
use gatelet_core::automation::{
    ListedRuns, OPEN_SHARDS, OpenRuns, Run, RunId, RunRequest, Slots, partition,
};
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::records::{Partition, Records, Table, list_all};
use gatelet_core::revocation::{Cut, Cuts, FEED_WINDOW, Feed, MarkKind, Marks};
use gatelet_core::session::{Session, SessionKey, Sessions, SignIn};
use gatelet_core::tenant::TenantId;

use self::everywhere::{fine, nothing, stopped_everywhere};

const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

fn acme() -> TenantId {
    TenantId::new("acme").unwrap()
}

fn ada() -> Person {
    Person { issuer: "https://idp.example".into(), subject: "ada".into() }
}

fn sign_in() -> SignIn {
    SignIn { tenant: acme(), role: "viewer".into(), facts: Facts::of("example", ada()) }
}

#[tokio::test]
async fn a_session_begins() {
    let random = SeededRandom::new(1);
    stopped_everywhere(
        2,
        nothing,
        async |records, ()| Sessions::new(records, &random).begin(sign_in(), None, NOW).await,
        async |records, ()| {
            // An entry whose session never came is passed over; a session without its entry would be
            // one that "sign out everywhere" cannot show.
            let listed = Sessions::new(records, &random).of_person(&acme(), &ada(), NOW).await;
            assert_eq!(listed.unwrap().len(), stored_sessions(records).await);
        },
        async |records, (), (key, session)| {
            let sessions = Sessions::new(records, &random);
            assert_eq!(sessions.find(&key, NOW).await.unwrap().as_ref(), Some(&session));
            let listed = sessions.of_person(&acme(), &ada(), NOW).await.unwrap();
            assert!(listed.contains(&session));
        },
    )
    .await;
}

#[tokio::test]
async fn a_session_ends() {
    let random = SeededRandom::new(2);
    let later = NOW + Duration::from_secs(1);
    stopped_everywhere(
        2,
        async |records| Sessions::new(records, &random).begin(sign_in(), None, NOW).await.unwrap(),
        async |records, (key, _)| Sessions::new(records, &random).end(key, later).await,
        fine::<(SessionKey, _)>,
        async |records, (key, session), ()| {
            let sessions = Sessions::new(records, &random);
            assert_eq!(sessions.find(key, later).await.unwrap(), None);
            assert_eq!(sessions.extend(key, later).await.unwrap(), None, "it stays over");
            assert!(is_announced(records, &random, &Cut::Session(session.id.clone()), later).await);
        },
    )
    .await;
}

#[tokio::test]
async fn a_session_is_ended_from_another_of_the_same_person() {
    let random = SeededRandom::new(12);
    let later = NOW + Duration::from_secs(1);
    stopped_everywhere(
        3,
        async |records| {
            let sessions = Sessions::new(records, &random);
            let (key, ended) = sessions.begin(sign_in(), None, NOW).await.unwrap();
            let (_, asking) = sessions.begin(sign_in(), None, NOW).await.unwrap();
            (key, ended, asking)
        },
        async |records, (_, ended, asking)| {
            Sessions::new(records, &random).end_own(asking, &ended.id, later).await
        },
        fine::<(SessionKey, Session, Session)>,
        async |records, (key, ended, asking), was_found| {
            assert!(was_found, "also when it was over by then");
            let sessions = Sessions::new(records, &random);
            assert_eq!(sessions.find(key, later).await.unwrap(), None);
            let listed = sessions.of_person(&acme(), &ada(), later).await.unwrap();
            assert_eq!(listed, std::slice::from_ref(asking));
            assert!(is_announced(records, &random, &Cut::Session(ended.id.clone()), later).await);
            let told = Trail::new(records, &random).hour(&acme(), NOW, later).await.unwrap();
            let told = told.iter().map(|entry| String::from_utf8_lossy(&entry.body));
            assert!(told.into_iter().any(|entry| entry.contains(&ended.id)), "the trail has it");
        },
    )
    .await;
}

#[tokio::test]
async fn a_cut_is_made() {
    let random = SeededRandom::new(3);
    let cut = Cut::Tenant(acme());
    stopped_everywhere(
        2,
        nothing,
        async |records, ()| Cuts::new(records, &random).cut(&cut, NOW).await,
        async |records, ()| {
            let holds = Cuts::new(records, &random)
                .cover(std::slice::from_ref(&cut), NOW, NOW)
                .await
                .unwrap();
            let announced = is_announced(records, &random, &cut, NOW).await;
            assert!(holds || !announced, "what is announced must hold");
        },
        async |records, (), ()| {
            let cuts = Cuts::new(records, &random);
            let cover =
                async |begun| cuts.cover(std::slice::from_ref(&cut), begun, NOW).await.unwrap();
            assert!(cover(NOW).await);
            assert!(!cover(NOW + Duration::from_millis(1)).await, "what begins later is not cut");
            assert!(is_announced(records, &random, &cut, NOW).await);
        },
    )
    .await;
}

#[tokio::test]
async fn what_takes_one_commit() {
    let random = SeededRandom::new(7);
    let until = NOW + Duration::from_hours(1);
    stopped_everywhere(
        1,
        nothing,
        async |records, ()| {
            Marks::new(records, &random).spend(MarkKind::Code, "c", until, NOW).await
        },
        fine,
        async |records, (), _| {
            let spent = Marks::new(records, &random).spend(MarkKind::Code, "c", until, NOW).await;
            assert!(!spent.unwrap(), "used once");
        },
    )
    .await;
    stopped_everywhere(
        1,
        nothing,
        async |records, ()| {
            let slots = Slots::new(records, &random, acme());
            slots.take("a", (&request().id, until), 1, NOW).await
        },
        fine,
        async |records, (), taken| {
            assert!(taken, "the one who has the slot takes it again");
            let slots = Slots::new(records, &random, acme());
            let other = RunId::derive(&acme(), "bob", "r", "k");
            assert!(!slots.take("a", (&other, until), 1, NOW).await.unwrap(), "it is taken");
            slots.give_back("a", &request().id, NOW).await.unwrap();
            assert!(slots.take("a", (&other, until), 1, NOW).await.unwrap(), "it was given back");
        },
    )
    .await;
    stopped_everywhere(
        1,
        nothing,
        async |records, ()| Trail::new(records, &random).append(&entry(), NOW).await,
        fine,
        async |records, (), ()| {
            let hour = Trail::new(records, &random).hour(&acme(), NOW, NOW).await.unwrap();
            // An entry whose outcome was lost may stand there twice, and is never missing.
            assert!((1..=2).contains(&hour.len()));
        },
    )
    .await;
}

fn request() -> RunRequest {
    run_request(&acme(), RunId::derive(&acme(), "ada", "route", "key"), NOW)
}

fn entry() -> Entry {
    Entry {
        tenant: acme(),
        actor: Actor::System("test"),
        action: "test.act",
        resource: "r".into(),
        outcome: "ok".into(),
    }
}

async fn is_announced(
    records: &dyn Records,
    random: &SeededRandom,
    cut: &Cut,
    now: Timestamp,
) -> bool {
    let feed = Feed::new(records, random).since(now.before(FEED_WINDOW), now).await.unwrap();
    feed.iter().any(|announcement| announcement.digest == cut.digest())
}

async fn stored_sessions(records: &dyn Records) -> usize {
    let mut count = 0;
    for spread in 0..=u8::MAX {
        let place = Partition::new(Table::Identity, format!("session:{spread:02x}")).unwrap();
        count += list_all(records, &place, None, NOW).await.unwrap().len();
    }
    count
}

async fn listed(records: &dyn Records, random: &SeededRandom, at: Timestamp) -> Vec<RunId> {
    ListedRuns::new(records, random).page(&acme(), None, 10, at).await.unwrap().unwrap().ids
}

async fn open(
    records: &dyn Records,
    random: &SeededRandom,
) -> Vec<gatelet_core::automation::OpenRun> {
    let mut found = Vec::new();
    for shard in 0..OPEN_SHARDS {
        found.extend(OpenRuns::new(records, random).of_shard(shard, NOW).await.unwrap());
    }
    found
}

async fn chain(records: &dyn Records, run: &Run) -> Option<ChainHead> {
    let place = partition(&run.tenant, &run.id).unwrap();
    let stored = list_all(records, &place, None, NOW).await.unwrap();
    let entries = stored.iter().filter(|record| record.key.as_str().starts_with("audit:"));
    ChainHead::walk(entries.map(|record| &record.body[..]))
}
