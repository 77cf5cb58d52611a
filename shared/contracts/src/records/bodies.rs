//! Putting, reading and deleting; bodies byte by byte.

use gatelet_core::records::{MAX_BODY_BYTES, Outcome};

use super::stage::{Stage, name};

/// A record is read as it was put, and is missing before and after.
pub async fn what_was_put_is_read_until_it_is_deleted(stage: &Stage) {
    let partition = stage.partition("round-trip");
    assert_eq!(stage.get(&partition, "a").await, None);

    let first = stage.put(&partition, "a", b"one").await;
    let record = stage.get(&partition, "a").await.unwrap();
    assert_eq!(record.key, name("a"));
    assert_eq!(record.version, first);
    assert_eq!(record.expires_at, None);
    assert_eq!(record.body, b"one");
    assert_eq!(stage.get(&partition, "b").await, None);

    let second = stage.put(&partition, "a", b"two").await;
    let record = stage.get(&partition, "a").await.unwrap();
    assert_eq!((record.version, record.body), (second, b"two".to_vec()));

    let commit = stage.commit(&partition).delete(name("a"), None).unwrap();
    assert_eq!(stage.apply(&commit).await, Outcome::Committed);
    assert_eq!(stage.get(&partition, "a").await, None);
    assert_eq!(stage.keys(&partition, None, 10).await, Vec::<String>::new());
}

/// Nothing is encoded, trimmed or cut on the way, in reads and listings alike.
pub async fn bodies_are_exact_bytes(stage: &Stage) {
    let partition = stage.partition("bytes");
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let largest: Vec<u8> = every_byte.iter().copied().cycle().take(MAX_BODY_BYTES).collect();
    let zeros = vec![0; 100];
    for (key, body) in
        [("empty", &Vec::new()), ("every", &every_byte), ("largest", &largest), ("zeros", &zeros)]
    {
        stage.put(&partition, key, body).await;
        let record = stage.get(&partition, key).await.unwrap();
        assert!(record.body == *body, "the body {key} changed on its way");
        let listed = gatelet_core::records::Range::prefix(name(key), 1);
        let page = stage.records.list(&partition, &listed, super::NOON).await.unwrap();
        assert!(page.records == [record], "the listing tells {key} differently");
    }
}
