//! Objects on this machine: purging, names that contain each other, and tickets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use gatelet_contracts::SeededRandom;
use gatelet_contracts::records::NOON;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{ADDRESS_LIFETIME, Created, ObjectName, Objects as _, Place};
use gatelet_local::{Database, Direction, FileObjects, Redeemed};
use tempfile::TempDir;
use url::Url;

#[tokio::test]
async fn a_purge_takes_old_files_and_leaves_the_rest() {
    let (folder, objects) = open("https://gate.example");
    for place in [Place::Files, Place::Sealed] {
        for path in ["old/a", "old/b", "old/c", "young"] {
            create(&objects, place, path).await;
        }
    }
    for place in ["files", "sealed"] {
        for path in ["old/a@", "old/b@", "old/c@"] {
            age(&folder.path().join("objects").join(place).join(path));
        }
    }
    let leftover = folder.path().join("objects/incoming/interrupted");
    fs::write(&leftover, "half").unwrap();
    age(&leftover);

    let before = Timestamp::from_secs(1_000_000);
    let mut deleted = Vec::new();
    while deleted.last() != Some(&0) {
        deleted.push(objects.purge(before, 3).await.unwrap());
    }
    assert_eq!(deleted, [3, 1, 0]);
    assert!(!folder.path().join("objects/files/old").exists(), "an empty folder stayed");
    for path in ["old/a", "old/b", "old/c"] {
        assert_eq!(read(&objects, Place::Files, path).await, None);
        assert_eq!(read(&objects, Place::Sealed, path).await.unwrap(), path);
    }
    assert_eq!(read(&objects, Place::Files, "young").await.unwrap(), "young");
    create(&objects, Place::Files, "old/a").await;
}

#[tokio::test]
async fn a_name_may_begin_with_another_name() {
    let (_folder, objects) = open("https://gate.example");
    for path in ["a", "a/b", "a/b/c", "a:b", "...", &format!("{0}/{0}/{0}/{0}", "x".repeat(200))] {
        create(&objects, Place::Files, path).await;
        assert_eq!(read(&objects, Place::Files, path).await.unwrap(), path);
    }
}

#[tokio::test]
async fn a_ticket_is_taken_once_and_in_time() {
    let (_folder, objects) = open("https://gate.example/below/");
    let name = ObjectName::new(Place::Files, "report").unwrap();
    let upload = objects.upload_address(&name, NOON).await.unwrap();
    let download = objects.download_address(&name, NOON).await.unwrap();
    let late = objects.download_address(&name, NOON).await.unwrap();
    let [upload, download, late] = [&upload, &download, &late].map(|address| {
        address.expose().as_str().strip_prefix("https://gate.example/below/objects/").unwrap()
    });
    assert_ne!(download, late);

    let just_in_time = NOON + Duration::from_millis(59_999);
    for (ticket, direction) in [(upload, Direction::Upload), (download, Direction::Download)] {
        let redeemed = Redeemed { name: name.clone(), direction };
        assert_eq!(objects.redeem(ticket, just_in_time).await.unwrap(), Some(redeemed));
        assert_eq!(objects.redeem(ticket, just_in_time).await.unwrap(), None, "taken twice");
    }
    assert_eq!(objects.redeem(late, NOON + ADDRESS_LIFETIME).await.unwrap(), None);
    assert_eq!(objects.redeem("unheard-of", NOON).await.unwrap(), None);
    objects.purge(NOON + ADDRESS_LIFETIME, 10).await.unwrap();
    assert_eq!(objects.redeem(late, NOON).await.unwrap(), None, "an old ticket was kept");
}

fn open(base: &str) -> (TempDir, FileObjects) {
    let folder = TempDir::new().unwrap();
    let database = Database::open(folder.path()).unwrap();
    let random = Arc::new(SeededRandom::unseeded());
    let objects = FileObjects::open(database, Url::parse(base).unwrap(), random).unwrap();
    (folder, objects)
}

async fn create(objects: &FileObjects, place: Place, path: &str) {
    let name = ObjectName::new(place, path).unwrap();
    let created = objects.create(&name, Bytes::copy_from_slice(path.as_bytes())).await.unwrap();
    assert_eq!(created, Created::Yes);
}

async fn read(objects: &FileObjects, place: Place, path: &str) -> Option<Bytes> {
    objects.read(&ObjectName::new(place, path).unwrap(), 0, 1000).await.unwrap()
}

/// Makes a file look as if it had been written in 1970.
fn age(path: &Path) {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(500_000);
    fs::File::open(path).unwrap().set_modified(then).unwrap();
}
