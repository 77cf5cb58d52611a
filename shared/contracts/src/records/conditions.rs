//! The conditions of a write, one by one.

use std::time::Duration;

use gatelet_core::records::{Condition, Outcome, Version};

use super::stage::{NOON, Stage, name};

/// Absent, a version and anything, over a missing and over a live record.
pub async fn puts_hold_to_their_condition(stage: &Stage) {
    let partition = stage.partition("puts");
    let stranger = Version::draw(&stage.random);
    let put = |condition, body: &str| {
        stage.commit(&partition).put(name("a"), condition, body.into(), None).unwrap()
    };

    let on_missing = put(Condition::Version(stranger), "x");
    assert_eq!(stage.apply(&on_missing).await, Outcome::Conflict);
    assert_eq!(stage.get(&partition, "a").await, None);

    let first = put(Condition::Absent, "first");
    assert_eq!(stage.apply(&first).await, Outcome::Committed);
    assert_eq!(stage.apply(&put(Condition::Absent, "x")).await, Outcome::Conflict);
    assert_eq!(stage.apply(&put(Condition::Version(stranger), "x")).await, Outcome::Conflict);
    assert_eq!(stage.get(&partition, "a").await.unwrap().body, b"first");

    let second = put(Condition::Version(first.version()), "second");
    assert_eq!(stage.apply(&second).await, Outcome::Committed);
    let replaced = put(Condition::Version(first.version()), "x");
    assert_eq!(stage.apply(&replaced).await, Outcome::Conflict, "a version that was replaced");
    assert_eq!(stage.get(&partition, "a").await.unwrap().body, b"second");

    assert_eq!(stage.apply(&put(Condition::Anything, "third")).await, Outcome::Committed);
    assert_eq!(stage.get(&partition, "a").await.unwrap().body, b"third");
    assert_eq!(stage.apply(&put(Condition::Anything, "fourth")).await, Outcome::Committed);
}

/// With a version only that one goes; without, it is enough that the record is gone afterwards.
pub async fn deletes_hold_to_their_version(stage: &Stage) {
    let partition = stage.partition("deletes");
    let delete = |version| stage.commit(&partition).delete(name("a"), version).unwrap();
    let stranger = Version::draw(&stage.random);

    assert_eq!(stage.apply(&delete(None)).await, Outcome::Committed);
    assert_eq!(stage.apply(&delete(Some(stranger))).await, Outcome::Conflict);

    let version = stage.put(&partition, "a", b"a").await;
    assert_eq!(stage.apply(&delete(Some(stranger))).await, Outcome::Conflict);
    assert!(stage.get(&partition, "a").await.is_some(), "deleted in spite of a conflict");
    assert_eq!(stage.apply(&delete(Some(version))).await, Outcome::Committed);
    assert_eq!(stage.get(&partition, "a").await, None);
    assert_eq!(stage.apply(&delete(Some(version))).await, Outcome::Conflict);

    stage.put(&partition, "a", b"b").await;
    assert_eq!(stage.apply(&delete(None)).await, Outcome::Committed);
    assert_eq!(stage.get(&partition, "a").await, None);

    stage.put_until(&partition, "a", b"c", Some(NOON)).await;
    assert_eq!(stage.apply(&delete(None)).await, Outcome::Committed, "an expired record");
}

/// Holds the commit to a version, alone or beside other writes, and leaves the record as it is.
pub async fn an_expectation_is_held_and_changes_nothing(stage: &Stage) {
    let partition = stage.partition("expectations");
    let end = NOON + Duration::from_secs(1);
    let version = stage.put_until(&partition, "row", b"row", Some(end)).await;
    let stranger = Version::draw(&stage.random);
    let step = |key: &str, expected: &str, version| {
        stage
            .commit(&partition)
            .expect(name(expected), version)
            .unwrap()
            .put(name(key), Condition::Absent, Vec::new(), None)
            .unwrap()
    };

    assert_eq!(stage.apply(&step("s1", "row", version)).await, Outcome::Committed);
    let row = stage.get(&partition, "row").await.unwrap();
    assert_eq!((row.version, row.expires_at, row.body), (version, Some(end), b"row".to_vec()));

    assert_eq!(stage.apply(&step("s2", "row", stranger)).await, Outcome::Conflict);
    assert_eq!(stage.apply(&step("s2", "nowhere", version)).await, Outcome::Conflict);
    assert_eq!(stage.apply_at(&step("s2", "row", version), end).await, Outcome::Conflict);
    assert_eq!(stage.get(&partition, "s2").await, None);

    let alone = stage.commit(&partition).expect(name("row"), version).unwrap();
    assert_eq!(stage.apply(&alone).await, Outcome::Committed);
    let alone = stage.commit(&partition).expect(name("row"), stranger).unwrap();
    assert_eq!(stage.apply(&alone).await, Outcome::Conflict);
    assert_eq!(stage.keys(&partition, None, 10).await, ["row", "s1"]);
}
