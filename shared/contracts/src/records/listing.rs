//! Listings: order, limits, prefixes and going on.

use futures::stream::{self, StreamExt as _};
use gatelet_core::records::{Condition, MAX_WRITES, Outcome, Range};

use super::stage::{NOON, Stage, name};

/// How many commits are under way at once while many records are written.
const AT_ONCE: usize = 8;

/// Ascending, not above the limit, and `after` leaves out the key it names, which need not exist.
pub async fn a_listing_is_ordered_and_cut(stage: &Stage) {
    let partition = stage.partition("listing");
    for key in ["d", "b", "a", "e", "c"] {
        stage.put(&partition, key, key.as_bytes()).await;
    }
    stage.put_until(&partition, "bb", b"gone", Some(NOON)).await;
    for limit in [0, 1, 2, 4, 5, 6, u16::MAX] {
        assert_eq!(stage.keys(&partition, None, limit).await, ["a", "b", "c", "d", "e"]);
    }
    for (after, keys) in
        [("a", "bcde"), ("aa", "bcde"), ("d", "e"), ("e", ""), ("~", ""), ("-", "abcde")]
    {
        let range = Range { prefix: None, after: Some(name(after)), limit: 10 };
        let page = stage.records.list(&partition, &range, NOON).await.unwrap();
        let found: String = page.records.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(found, keys, "after {after}");
    }
    let nothing = stage.partition("listing:nothing");
    assert_eq!(stage.keys(&nothing, None, 10).await, Vec::<String>::new());
}

/// A prefix may end in a separator or within a word, and works together with `after`.
pub async fn a_prefix_is_only_a_prefix(stage: &Stage) {
    let partition = stage.partition("prefixes");
    let keys = ["a", "a-", "a:", "a:1", "a:2", "a:2:x", "aa", "b", "~"];
    for key in keys {
        stage.put(&partition, key, b"").await;
    }
    for (prefix, expected) in [
        ("a", &["a", "a-", "a:", "a:1", "a:2", "a:2:x", "aa"][..]),
        ("a:", &["a:", "a:1", "a:2", "a:2:x"]),
        ("a:2", &["a:2", "a:2:x"]),
        ("a:2:", &["a:2:x"]),
        ("~", &["~"]),
        ("c", &[]),
        ("A", &[]),
    ] {
        for limit in [1, 3, 100] {
            assert_eq!(stage.keys(&partition, Some(prefix), limit).await, expected, "{prefix}");
        }
    }
    for (after, expected) in
        [("a:1", &["a:2", "a:2:x"][..]), ("Z", &["a:", "a:1", "a:2", "a:2:x"]), ("b", &[])]
    {
        let range = Range { prefix: Some(name("a:")), after: Some(name(after)), limit: 10 };
        let page = stage.records.list(&partition, &range, NOON).await.unwrap();
        let found: Vec<&str> = page.records.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(found, expected, "after {after}");
    }
}

/// Who deletes what each page shows, sees every record once and comes to an end.
pub async fn deleting_does_not_break_a_listing(stage: &Stage) {
    let partition = stage.partition("deleting");
    for number in 0..20 {
        stage.put(&partition, &format!("row:{number:02}"), b"").await;
    }
    let mut range = Range::prefix(name("row:"), 3);
    let mut seen = Vec::new();
    loop {
        let page = stage.records.list(&partition, &range, NOON).await.unwrap();
        let mut commit = stage.commit(&partition);
        for record in page.records {
            commit = commit.delete(record.key.clone(), Some(record.version)).unwrap();
            seen.push(record.key.to_string());
        }
        assert_eq!(stage.apply(&commit).await, Outcome::Committed);
        match page.next {
            Some(next) => range.after = Some(next),
            None => break,
        }
    }
    let all: Vec<String> = (0..20).map(|number| format!("row:{number:02}")).collect();
    assert_eq!(seen, all);
    assert_eq!(stage.keys(&partition, None, 10).await, Vec::<String>::new());
}

/// A partition of ten thousand records is listed to its end, once each, in order.
pub async fn ten_thousand_keys(stage: &Stage) {
    const KEYS: usize = 10_000;
    let partition = stage.partition("ten-thousand");
    let commits: Vec<_> = (0..KEYS / MAX_WRITES)
        .map(|batch| {
            (batch * MAX_WRITES..(batch + 1) * MAX_WRITES).fold(
                stage.commit(&partition),
                |commit, number| {
                    let key = name(&format!("key:{number:05}"));
                    commit.put(key, Condition::Absent, number.to_string().into(), None).unwrap()
                },
            )
        })
        .collect();
    let calls: Vec<_> = commits.iter().map(|commit| stage.apply(commit)).collect();
    let outcomes: Vec<Outcome> = stream::iter(calls).buffer_unordered(AT_ONCE).collect().await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Committed));

    let all: Vec<String> = (0..KEYS).map(|number| format!("key:{number:05}")).collect();
    for limit in [999, u16::MAX] {
        assert!(stage.keys(&partition, None, limit).await == all, "pages of {limit}");
    }
    assert_eq!(stage.keys(&partition, Some("key:099"), 60).await, all[9900..]);
}
