//! Every order of commits, stopped after each of them and begun again: nothing half-done does harm, and the
//! second try ends where an undisturbed one would have.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod everywhere;
mod families;
mod keys;

use std::sync::Arc;
use std::time::Duration;

use gatelet_contracts::SeededRandom;
use gatelet_contracts::records::{Last, StopAfter};
use gatelet_core::audit::{Actor, ChainHead, Entry, Trail};
use gatelet_core::automation::{
    Claim, LEASE, ListedRuns, OPEN_SHARDS, OpenRuns, Requested, Run, RunId, RunRequest, Runs, SKEW,
    Slots, State, partition,
};
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::records::{Partition, Records, Table, list_all};
use gatelet_core::revocation::{Cut, Cuts, FEED_WINDOW, Feed, MarkKind, Marks};
use gatelet_core::session::{Session, SessionKey, Sessions, SignIn};
use gatelet_core::tenant::TenantId;

use self::everywhere::{fine, nothing, stopped_everywhere, store};

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
async fn a_run_is_asked_for() {
    let random = SeededRandom::new(4);
    // The second try comes a minute later, and still there is one run, listed once.
    let clock = std::cell::Cell::new(NOW);
    stopped_everywhere(
        3,
        nothing,
        async |records, ()| {
            clock.set(clock.get() + Duration::from_mins(1));
            Runs::new(records, &random).request(&request(), clock.get()).await
        },
        async |records, ()| {
            // An entry without its row is passed over; a row without its entries would never be swept.
            let runs = Runs::new(records, &random);
            if runs.find(&acme(), &request().id, NOW).await.unwrap().is_some() {
                assert_eq!(listed(records, &random, clock.get()).await, [request().id]);
                assert_eq!(open(records, &random).await.len(), 1);
            }
        },
        async |records, (), requested| {
            let (Requested::New(run) | Requested::Before(run)) = requested else {
                unreachable!("the same was asked for")
            };
            assert_eq!(listed(records, &random, clock.get()).await, [request().id]);
            let open = open(records, &random).await;
            assert_eq!(open.len(), 1);
            assert_eq!(open.first().map(|open| open.requested_at), Some(run.requested_at));
            assert_eq!(chain(records, &run).await, Some(run.audit));
        },
    )
    .await;
}

#[tokio::test]
async fn a_request_begun_anew_takes_its_entry_from_under_the_sweep() {
    let random = SeededRandom::new(10);
    let (_folder, records) = store();
    let stopped = StopAfter::new(Arc::clone(&records), 1, Last::Lost);
    Runs::new(&stopped, &random).request(&request(), NOW).await.unwrap_err();
    let seen = open(&*records, &random).await;

    let later = NOW + Duration::from_hours(2);
    let stopped = StopAfter::new(Arc::clone(&records), 1, Last::Lost);
    Runs::new(&stopped, &random).request(&request(), later).await.unwrap_err();
    for entry in &seen {
        // What the sweep saw before the second request began.
        OpenRuns::new(&*records, &random).leave(entry, later).await.unwrap();
    }
    let kept = open(&*records, &random).await;
    assert_eq!(kept.iter().map(|entry| entry.entered_at).collect::<Vec<_>>(), [later]);
    assert_eq!(kept.first().map(|entry| entry.requested_at), Some(NOW), "the first time counts");
}

#[tokio::test]
async fn a_run_is_claimed_and_finished() {
    let random = SeededRandom::new(5);
    let clock = std::cell::Cell::new(NOW);
    stopped_everywhere(
        2,
        async |records| {
            Runs::new(records, &random).request(&request(), NOW).await.unwrap();
        },
        async |records, ()| {
            // Whoever tries again comes after the lease of the one who stopped.
            clock.set(clock.get() + LEASE + SKEW);
            let runs = Runs::new(records, &random);
            match runs.claim(&acme(), &request().id, clock.get()).await? {
                Claim::Granted(run) => runs.finish(&run, State::Succeeded, clock.get()).await,
                Claim::Over => Ok(true),
                other => unreachable!("{other:?}"),
            }
        },
        fine,
        async |records, (), finished| {
            assert!(finished);
            let runs = Runs::new(records, &random);
            let run = runs.find(&acme(), &request().id, clock.get()).await.unwrap().unwrap();
            assert_eq!(run.state, State::Succeeded);
            assert!(run.fence <= 2, "one try more than the one that stopped");
            assert_eq!(chain(records, &run).await, Some(run.audit));
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
    RunRequest {
        tenant: acme(),
        actor: Actor::Session("s".into()),
        id: RunId::derive(&acme(), "ada", "route", "key"),
        automation: "a".into(),
        fingerprint: "f".into(),
        traceparent: None,
    }
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
    ListedRuns::new(records, random).newest(&acme(), at, 10, at).await.unwrap()
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
