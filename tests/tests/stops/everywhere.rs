//! Stops an operation after each of its commits, and begins it again.

use std::sync::Arc;

use gatelet_contracts::records::{Last, StopAfter};
use gatelet_core::records::{Records, StoreError};
use gatelet_local::{Database, SqliteRecords};

/// Runs an operation on a fresh store for every commit at which it could stop, once with that commit applied
/// and once with it lost; then begins it again undisturbed, and lets `settled` look at what is there. In
/// between, `harmless` looks at what was left behind.
pub(crate) async fn stopped_everywhere<P, T>(
    commits: usize,
    prepare: impl AsyncFn(&dyn Records) -> P,
    operate: impl AsyncFn(&dyn Records, &P) -> Result<T, StoreError>,
    harmless: impl AsyncFn(&dyn Records, &P),
    settled: impl AsyncFn(&dyn Records, &P, T),
) {
    let (_folder, records) = store();
    let prepared = prepare(&*records).await;
    let counted = StopAfter::never(Arc::clone(&records));
    operate(&counted, &prepared).await.unwrap();
    assert_eq!(counted.seen(), commits, "the operation has as many commits as this test says");

    for stop in 0..commits {
        for last in [Last::Applied, Last::Lost] {
            let (_folder, records) = store();
            let prepared = prepare(&*records).await;
            let stopped = StopAfter::new(Arc::clone(&records), stop, last);
            let first = operate(&stopped, &prepared).await;
            let arrived = stop + 1 == commits && last == Last::Applied;
            assert!(
                first.is_err() || arrived,
                "success is told of what arrived: {stop} ({last:?})"
            );
            harmless(&*records, &prepared).await;
            let second = operate(&*records, &prepared).await.unwrap();
            settled(&*records, &prepared, second).await;
        }
    }
}

/// A fresh store, and the folder it lives in.
pub(crate) fn store() -> (tempfile::TempDir, Arc<dyn Records>) {
    let folder = tempfile::tempdir().unwrap();
    let records = SqliteRecords::new(Database::open(&folder.path().join("data")).unwrap());
    (folder, Arc::new(records))
}

/// Prepares nothing.
pub(crate) async fn nothing(_: &dyn Records) {}
/// Finds nothing to look at in between.
pub(crate) async fn fine<P: Sync>(_: &dyn Records, _: &P) {}
