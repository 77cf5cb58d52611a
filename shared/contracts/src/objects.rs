//! What every adapter of `Objects` owes.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::join_all;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{ADDRESS_LIFETIME, Address, Created, ObjectName, Objects, Place};

use crate::random::unique;

/// Visits addresses as a browser does, with whatever HTTP client the adapter's test has.
#[async_trait]
pub trait Visitor: Send + Sync {
    /// Sends a `PUT` with the address's own headers and gives the status.
    async fn put(&self, address: &Address, body: Bytes) -> u16;
    /// Sends a `GET` with the address's own headers.
    async fn get(&self, address: &Address) -> Visit;
}

/// What a `GET` answered.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The status.
    pub status: u16,
    /// Names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What a store, or the emulator that stands for it, does not promise about its addresses.
#[derive(Clone, Copy, Debug)]
pub struct Strictness {
    /// An upload to an object that is there is refused.
    pub refuses_overwrites: bool,
    /// An address whose time is over is refused.
    pub refuses_expired: bool,
}

/// Runs every clause that needs no address.
pub async fn objects_contract(objects: &dyn Objects) {
    what_was_created_first_stays(objects).await;
    one_of_ten_creates(objects).await;
    reads_are_ranged(objects).await;
    five_mebibytes_are_kept(objects).await;
    places_are_separate(objects).await;
    a_purge_of_the_past_deletes_nothing(objects).await;
}

/// The second create of a name changes nothing and says so.
pub async fn what_was_created_first_stays(objects: &dyn Objects) {
    for place in [Place::Sealed, Place::Files] {
        let name = object(place, "a.b/C_d/~e-f:1");
        assert_eq!(read(objects, &name, 0, 10).await, None);
        assert_eq!(create(objects, &name, b"first").await, Created::Yes);
        assert_eq!(create(objects, &name, b"second").await, Created::AlreadyThere);
        assert_eq!(create(objects, &name, b"first").await, Created::AlreadyThere);
        assert_eq!(read(objects, &name, 0, 10).await.unwrap(), "first");
        assert_eq!(read(objects, &object(place, "a.b"), 0, 10).await, None);
    }
    let empty = object(Place::Files, "empty");
    assert_eq!(create(objects, &empty, b"").await, Created::Yes);
    assert_eq!(create(objects, &empty, b"").await, Created::AlreadyThere);
    assert_eq!(read(objects, &empty, 0, 10).await.unwrap(), "");
}

/// Of ten that create the same object, one succeeds, and it is that one's object.
pub async fn one_of_ten_creates(objects: &dyn Objects) {
    let name = object(Place::Sealed, "raced");
    let bodies: Vec<Bytes> = (0..10).map(|number| Bytes::from(vec![number; 50_000])).collect();
    let outcomes = join_all(bodies.iter().map(|body| objects.create(&name, body.clone()))).await;
    let outcomes: Vec<Created> = outcomes.into_iter().map(Result::unwrap).collect();
    let winners: Vec<usize> = (0..10).filter(|n| outcomes[*n] == Created::Yes).collect();
    assert_eq!(winners.len(), 1, "winners: {winners:?}");
    let stored = read(objects, &name, 0, 100_000).await.unwrap();
    assert!(stored == bodies[winners[0]], "the object is not the winner's");
}

/// From the offset on, at most the limit, fewer at the end and none behind it.
pub async fn reads_are_ranged(objects: &dyn Objects) {
    let name = object(Place::Files, "ranged");
    assert_eq!(create(objects, &name, b"0123456789").await, Created::Yes);
    for (offset, limit, expected) in [
        (0, 10, "0123456789"),
        (0, 1, "0"),
        (3, 4, "3456"),
        (8, 100, "89"),
        (9, 1, "9"),
        (10, 1, ""),
        (10_000, 5, ""),
        (5, 0, ""),
        (0, u64::MAX, "0123456789"),
        (4, u64::MAX, "456789"),
    ] {
        let bytes = read(objects, &name, offset, limit).await.unwrap();
        assert_eq!(bytes, expected, "{limit} bytes from {offset}");
    }
    assert_eq!(read(objects, &object(Place::Files, "nowhere"), 5, 0).await, None);
}

/// Larger than any record, byte by byte.
pub async fn five_mebibytes_are_kept(objects: &dyn Objects) {
    let name = object(Place::Files, "large");
    let body: Vec<u8> = (0..5 * 1024 * 1024_u32).map(|n| n.to_be_bytes()[n as usize % 4]).collect();
    assert_eq!(create(objects, &name, &body).await, Created::Yes);
    assert!(read(objects, &name, 0, u64::MAX).await.unwrap() == body, "the body changed");
    let middle = read(objects, &name, 3_000_001, 70_000).await.unwrap();
    assert!(middle == body[3_000_001..3_070_001], "the middle changed");
}

/// The same path in the other place is another object.
pub async fn places_are_separate(objects: &dyn Objects) {
    let path = format!("contract/{}/both", unique());
    let [sealed, files] =
        [Place::Sealed, Place::Files].map(|place| ObjectName::new(place, path.as_str()).unwrap());
    assert_eq!(create(objects, &sealed, b"sealed").await, Created::Yes);
    assert_eq!(read(objects, &files, 0, 10).await, None);
    assert_eq!(create(objects, &files, b"files").await, Created::Yes);
    assert_eq!(read(objects, &sealed, 0, 10).await.unwrap(), "sealed");
    assert_eq!(read(objects, &files, 0, 10).await.unwrap(), "files");
}

/// What was made after `before` is not touched.
pub async fn a_purge_of_the_past_deletes_nothing(objects: &dyn Objects) {
    let name = object(Place::Files, "kept");
    assert_eq!(create(objects, &name, b"kept").await, Created::Yes);
    assert_eq!(objects.purge(Timestamp::from_secs(1), 100).await.unwrap(), 0);
    assert_eq!(read(objects, &name, 0, 10).await.unwrap(), "kept");
}

/// Addresses that work without any other credential. `now` is the real present, as the store compares it
/// with a clock of its own.
pub async fn object_addresses_contract(
    objects: &dyn Objects,
    visitor: &dyn Visitor,
    now: Timestamp,
    strictness: Strictness,
) {
    let name = object(Place::Files, "visited/report.html");
    let missing = objects.download_address(&name, now).await.unwrap();
    assert!((400..500).contains(&visitor.get(&missing).await.status), "there is nothing yet");

    let body = Bytes::from_static(b"<script>alert(1)</script>");
    let upload = objects.upload_address(&name, now).await.unwrap();
    let status = visitor.put(&upload, body.clone()).await;
    assert!((200..300).contains(&status), "the upload was answered with {status}");
    assert_eq!(read(objects, &name, 0, 100).await.unwrap(), body);

    let download = objects.download_address(&name, now).await.unwrap();
    let visit = visitor.get(&download).await;
    assert_eq!((visit.status, &visit.body), (200, &body));
    let disposition = visit.headers.iter().find(|(name, _)| name == "content-disposition");
    let attachment = disposition.is_some_and(|(_, value)| value.starts_with("attachment"));
    assert!(attachment, "not an attachment: {:?}", visit.headers);

    let download = objects.download_address(&name, now).await.unwrap();
    let status = visitor.put(&download, Bytes::from_static(b"x")).await;
    assert!((400..500).contains(&status), "an upload to a download's address: {status}");
    if strictness.refuses_overwrites {
        let again = objects.upload_address(&name, now).await.unwrap();
        let status = visitor.put(&again, Bytes::from_static(b"second")).await;
        assert!((400..500).contains(&status), "an overwrite was answered with {status}");
    }
    assert_eq!(read(objects, &name, 0, 100).await.unwrap(), body);
    if strictness.refuses_expired {
        let then = now.before(ADDRESS_LIFETIME + Duration::from_mins(10));
        let late = objects.download_address(&name, then).await.unwrap();
        assert!((400..500).contains(&visitor.get(&late).await.status), "its time is over");
    }

    let sealed = object(Place::Sealed, "evidence");
    assert!(objects.upload_address(&sealed, now).await.is_err(), "an upload of evidence");
    assert!(objects.download_address(&sealed, now).await.is_err(), "a download of evidence");
}

async fn create(objects: &dyn Objects, name: &ObjectName, bytes: &[u8]) -> Created {
    objects.create(name, Bytes::copy_from_slice(bytes)).await.unwrap()
}

async fn read(objects: &dyn Objects, name: &ObjectName, offset: u64, limit: u64) -> Option<Bytes> {
    objects.read(name, offset, limit).await.unwrap()
}

fn object(place: Place, path: &str) -> ObjectName {
    ObjectName::new(place, format!("contract/{}/{path}", unique())).unwrap()
}
