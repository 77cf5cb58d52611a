//! Expiry: a record whose end is not after `now` does not exist, whatever the store still holds.

use std::time::Duration;

use gatelet_core::clock::Timestamp;
use gatelet_core::records::{Condition, Outcome, Range};

use super::stage::{NOON, Stage, name};

const MILLI: Duration = Duration::from_millis(1);

/// Missing to reads, listings, version conditions and expectations, from the very millisecond on.
pub async fn an_expired_record_does_not_exist(stage: &Stage) {
    let partition = stage.partition("expired");
    let end = NOON + Duration::from_secs(1);
    let version = stage.put_until(&partition, "a", b"a", Some(end)).await;
    stage.put(&partition, "b", b"b").await;

    let before = stage.get_at(&partition, "a", end.before(MILLI)).await.unwrap();
    assert_eq!((before.version, before.expires_at), (version, Some(end)));
    assert_eq!(listed(stage, "expired", end.before(MILLI)).await, ["a", "b"]);

    for now in [end, end + MILLI, end + Duration::from_hours(1)] {
        assert_eq!(stage.get_at(&partition, "a", now).await, None);
        assert_eq!(listed(stage, "expired", now).await, ["b"]);

        let put = stage
            .commit(&partition)
            .put(name("a"), Condition::Version(version), b"x".to_vec(), None)
            .unwrap();
        assert_eq!(stage.apply_at(&put, now).await, Outcome::Conflict, "a version of the dead");
        let expect = stage.commit(&partition).expect(name("a"), version).unwrap();
        assert_eq!(stage.apply_at(&expect, now).await, Outcome::Conflict, "expected the dead");
        let delete = stage.commit(&partition).delete(name("a"), Some(version)).unwrap();
        assert_eq!(stage.apply_at(&delete, now).await, Outcome::Conflict, "deleted the dead");
    }
}

/// Over what has expired, absent holds; over what lives, it does not.
pub async fn absent_holds_over_an_expired_record(stage: &Stage) {
    let partition = stage.partition("absent");
    let end = NOON + Duration::from_secs(1);
    stage.put_until(&partition, "a", b"old", Some(end)).await;
    let put =
        stage.commit(&partition).put(name("a"), Condition::Absent, b"new".to_vec(), None).unwrap();
    assert_eq!(stage.apply_at(&put, end.before(MILLI)).await, Outcome::Conflict);
    assert_eq!(stage.get(&partition, "a").await.unwrap().body, b"old");

    assert_eq!(stage.apply_at(&put, end).await, Outcome::Committed);
    let record = stage.get_at(&partition, "a", end + MILLI).await.unwrap();
    assert_eq!((record.version, record.body), (put.version(), b"new".to_vec()));
    let again = stage
        .commit(&partition)
        .put(name("a"), Condition::Absent, b"third".to_vec(), None)
        .unwrap();
    assert_eq!(stage.apply_at(&again, end + MILLI).await, Outcome::Conflict);
}

/// The newest put decides: a later end, an earlier end, none.
pub async fn an_overwrite_changes_the_expiry(stage: &Stage) {
    let partition = stage.partition("overwrite");
    let early = NOON + Duration::from_secs(1);
    let late = NOON + Duration::from_hours(1);
    for end in [Some(early), Some(late), None, Some(early)] {
        stage.put_until(&partition, "a", b"a", end).await;
        assert_eq!(stage.get(&partition, "a").await.unwrap().expires_at, end);
        let lives = end != Some(early);
        assert_eq!(stage.get_at(&partition, "a", early).await.is_some(), lives, "{end:?}");
    }
}

async fn listed(stage: &Stage, place: &str, now: Timestamp) -> Vec<String> {
    let page = stage.records.list(&stage.partition(place), &Range::all(10), now).await.unwrap();
    page.records.into_iter().map(|record| record.key.to_string()).collect()
}
