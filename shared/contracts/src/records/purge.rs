//! Purging: what is dead may go, what lives stays, whatever is written meanwhile.

use std::time::Duration;

use futures::future::{join, join_all};
use gatelet_core::clock::Timestamp;
use gatelet_core::records::{Condition, Outcome};

use super::stage::{Stage, name};

/// Ten years before all other clauses, so that a purge cannot reach what they keep alive at their noon.
const EVE: Timestamp = Timestamp::from_secs(3_786_868_800);
const DAY: Duration = Duration::from_hours(24);
/// Small, so that a purge takes many calls.
const BUDGET: usize = 7;

/// Writers revive expired records and add live ones while a purge runs: no live record is lost.
pub async fn a_purge_under_load_loses_nothing(stage: &Stage) {
    let partition = stage.partition("purge");
    for number in 0..60 {
        let key = format!("row:{number:02}");
        stage.put_until(&partition, &key, b"dead", Some(EVE.before(DAY))).await;
    }
    stage.put_until(&partition, "edge", b"alive", Some(EVE + Duration::from_millis(1))).await;
    stage.put(&partition, "forever", b"alive").await;

    let writers = join_all((0..3).map(|writer| revive(stage, writer)));
    join(purge_all(stage), writers).await;
    purge_all(stage).await;

    for number in 0..60 {
        let record = stage.get_at(&partition, &format!("row:{number:02}"), EVE).await;
        let body = record.map(|record| record.body);
        assert_eq!(body, (number % 2 == 0).then(|| b"alive".to_vec()), "row {number}");
    }
    for key in ["edge", "forever"] {
        assert_eq!(stage.get_at(&partition, key, EVE).await.unwrap().body, b"alive");
    }
    assert_eq!(stage.keys(&partition, Some("added:"), 50).await.len(), 30);
}

/// Only for stores that delete nothing by themselves: afterwards the records are physically gone, which an
/// earlier `now` would bring to light.
pub async fn a_purge_deletes_what_expired(stage: &Stage) {
    let partition = stage.partition("purged");
    let end = EVE.before(DAY);
    for number in 0..20 {
        stage.put_until(&partition, &format!("row:{number:02}"), b"dead", Some(end)).await;
    }
    stage.put_until(&partition, "later", b"alive", Some(EVE + DAY)).await;
    let alive = end.before(Duration::from_millis(1));
    assert!(stage.get_at(&partition, "row:00", alive).await.is_some());

    purge_all(stage).await;
    for number in 0..20 {
        let key = format!("row:{number:02}");
        assert_eq!(stage.get_at(&partition, &key, alive).await, None, "{key} is still there");
    }
    assert!(stage.get_at(&partition, "later", alive).await.is_some());
}

/// Purges until nothing is left to purge.
async fn purge_all(stage: &Stage) {
    for _ in 0..10_000 {
        let purged = stage.records.purge(EVE, BUDGET).await.unwrap();
        assert!(purged.deleted <= BUDGET, "{} deleted", purged.deleted);
        if !purged.more {
            return;
        }
    }
    panic!("a purge that does not end");
}

/// Puts every other dead row again, and ten rows of its own.
async fn revive(stage: &Stage, writer: usize) {
    let partition = stage.partition("purge");
    for number in (0..60).filter(|number| number % 2 == 0 && number / 2 % 3 == writer) {
        let (dead, added) = (format!("row:{number:02}"), format!("added:{number:02}"));
        let commit = stage
            .commit(&partition)
            .put(name(&dead), Condition::Absent, b"alive".to_vec(), Some(EVE + DAY))
            .unwrap()
            .put(name(&added), Condition::Absent, b"alive".to_vec(), None)
            .unwrap();
        assert_eq!(stage.apply_at(&commit, EVE).await, Outcome::Committed, "{dead}");
    }
}
