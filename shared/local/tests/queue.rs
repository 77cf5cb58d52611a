//! Leases: a message comes back unless it is deleted, and is set aside when it comes back too often.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use gatelet_contracts::records::NOON;
use gatelet_core::automation::{Queue as _, RunId, RunMessage};
use gatelet_core::tenant::TenantId;
use gatelet_local::{Database, MAX_DELIVERIES, SqliteQueue};
use tempfile::TempDir;

const LEASE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_lease_hides_a_message_until_it_ends() {
    let (_folder, queue) = queue_with(2).await;
    let first = queue.receive(NOON, LEASE).await.unwrap().unwrap();
    let second = queue.receive(NOON, LEASE).await.unwrap().unwrap();
    assert_ne!(first.text, second.text);
    assert_eq!(queue.receive(NOON, LEASE).await.unwrap(), None);
    assert!(queue.delete(&second).await.unwrap());

    let again = queue.receive(NOON + LEASE, LEASE).await.unwrap().unwrap();
    assert_eq!((&again.text, again.deliveries), (&first.text, 2));
    assert!(!queue.delete(&first).await.unwrap(), "deleted under somebody else's lease");
    assert!(queue.delete(&again).await.unwrap());
    assert!(!queue.delete(&again).await.unwrap());
    assert_eq!(queue.receive(NOON + LEASE * 10, LEASE).await.unwrap(), None);
}

#[tokio::test]
async fn a_message_that_is_never_deleted_becomes_poison() {
    let (_folder, queue) = queue_with(1).await;
    let mut now = NOON;
    let mut text = String::new();
    for turn in 1..=MAX_DELIVERIES {
        let delivery = queue.receive(now, LEASE).await.unwrap().unwrap();
        assert_eq!(delivery.deliveries, turn);
        text = delivery.text;
        assert!(queue.poison().await.unwrap().is_empty());
        now = now + LEASE;
    }
    assert_eq!(queue.receive(now, LEASE).await.unwrap(), None);
    assert_eq!(queue.poison().await.unwrap(), [text]);
}

async fn queue_with(messages: u32) -> (TempDir, SqliteQueue) {
    let folder = TempDir::new().unwrap();
    let queue = SqliteQueue::new(Database::open(folder.path()).unwrap());
    for number in 0..messages {
        let run = RunId::new(format!("{number:032x}")).unwrap();
        let tenant = TenantId::new("acme").unwrap();
        queue.send(&RunMessage { tenant, run, traceparent: None }).await.unwrap();
    }
    (folder, queue)
}
