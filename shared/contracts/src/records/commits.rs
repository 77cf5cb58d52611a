//! Commits as a whole: how much one holds, and that all of it happens or nothing.

use gatelet_core::records::{
    BadCommit, Commit, Condition, MAX_BODY_BYTES, MAX_WRITES, Outcome, Version,
};

use super::stage::{Stage, name};

/// Doing nothing always works.
pub async fn an_empty_commit_is_committed(stage: &Stage) {
    let partition = stage.partition("empty");
    assert_eq!(stage.apply(&stage.commit(&partition)).await, Outcome::Committed);
    assert_eq!(stage.keys(&partition, None, 10).await, Vec::<String>::new());
}

/// As many writes as a commit may hold, of every kind.
pub async fn one_commit_holds_twenty_five_writes(stage: &Stage) {
    let partition = stage.partition("writes");
    let expected = stage.put(&partition, "expected", b"").await;
    let replaced = stage.put(&partition, "replaced", b"").await;
    stage.put(&partition, "removed", b"").await;
    let mut commit = stage
        .commit(&partition)
        .expect(name("expected"), expected)
        .unwrap()
        .put(name("replaced"), Condition::Version(replaced), b"new".to_vec(), None)
        .unwrap()
        .delete(name("removed"), None)
        .unwrap();
    for number in commit.writes().len()..MAX_WRITES {
        let key = name(&format!("new:{number:02}"));
        commit = commit.put(key, Condition::Absent, b"new".to_vec(), None).unwrap();
    }
    assert_eq!(commit.writes().len(), MAX_WRITES);
    assert_eq!(stage.apply(&commit).await, Outcome::Committed);
    assert_eq!(stage.keys(&partition, Some("new:"), 100).await.len(), MAX_WRITES - 3);
    assert_eq!(stage.get(&partition, "replaced").await.unwrap().body, b"new");
    assert_eq!(stage.get(&partition, "removed").await, None);
    assert_eq!(stage.get(&partition, "expected").await.unwrap().version, expected);
}

/// Seventeen of the largest bodies: almost as many bytes as a commit may hold.
pub async fn one_commit_holds_a_mebibyte(stage: &Stage) {
    let partition = stage.partition("mebibyte");
    let mut commit = stage.commit(&partition);
    for number in 0..17_u8 {
        let key = name(&format!("large:{number:02}"));
        commit = commit.put(key, Condition::Absent, vec![number; MAX_BODY_BYTES], None).unwrap();
    }
    assert_eq!(stage.apply(&commit).await, Outcome::Committed);
    for number in 0..17_u8 {
        let record = stage.get(&partition, &format!("large:{number:02}")).await.unwrap();
        assert!(record.body == vec![number; MAX_BODY_BYTES], "large body {number}");
    }
    assert_eq!(stage.keys(&partition, None, 100).await.len(), 17);
}

/// One condition that does not hold, wherever it stands: nothing is written, nothing is deleted.
pub async fn one_broken_condition_undoes_all(stage: &Stage) {
    let partition = stage.partition("undone");
    let kept = stage.put(&partition, "kept", b"kept").await;
    stage.put(&partition, "taken", b"taken").await;
    for commit in broken_commits(stage, kept) {
        assert_eq!(stage.apply(&commit).await, Outcome::Conflict, "{:?}", commit.writes());
        assert_eq!(stage.keys(&partition, None, 10).await, ["kept", "taken"]);
        assert_eq!(stage.get(&partition, "kept").await.unwrap().version, kept);
        assert_eq!(stage.get(&partition, "taken").await.unwrap().body, b"taken");
    }
}

/// Every kind of broken condition, at every position among writes that would be fine by themselves.
fn broken_commits(stage: &Stage, kept: Version) -> Vec<Commit> {
    type Add<'a> = &'a dyn Fn(Commit) -> Result<Commit, BadCommit>;
    let stranger = Version::draw(&stage.random);
    let body = || b"x".to_vec();
    let fine: [Add<'_>; 3] = [
        &|commit| commit.put(name("new:a"), Condition::Absent, body(), None),
        &|commit| commit.delete(name("kept"), Some(kept)),
        &|commit| commit.put(name("new:b"), Condition::Anything, body(), None),
    ];
    let broken: [Add<'_>; 4] = [
        &|commit| commit.put(name("taken"), Condition::Absent, body(), None),
        &|commit| commit.put(name("taken"), Condition::Version(stranger), body(), None),
        &|commit| commit.delete(name("taken"), Some(stranger)),
        &|commit| commit.expect(name("taken"), stranger),
    ];
    let mut commits = Vec::new();
    for one in broken {
        for position in 0..=fine.len() {
            let mut adds = fine.to_vec();
            adds.insert(position, one);
            let empty = stage.commit(&stage.partition("undone"));
            commits.push(adds.into_iter().try_fold(empty, |commit, add| add(commit)).unwrap());
        }
    }
    commits
}

/// What a reader needs to find out whether a commit arrived.
pub async fn every_put_has_the_commits_version(stage: &Stage) {
    let partition = stage.partition("versions");
    let first = stage.put(&partition, "a", b"").await;
    let mut commit = stage.commit(&partition);
    for (key, condition) in
        [("a", Condition::Version(first)), ("b", Condition::Absent), ("c", Condition::Anything)]
    {
        commit = commit.put(name(key), condition, key.as_bytes().to_vec(), None).unwrap();
    }
    assert_eq!(stage.apply(&commit).await, Outcome::Committed);
    for key in ["a", "b", "c"] {
        assert_eq!(stage.get(&partition, key).await.unwrap().version, commit.version());
    }
    assert_ne!(first, commit.version());
}
