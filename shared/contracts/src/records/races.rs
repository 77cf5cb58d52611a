//! Races: what holds whatever order concurrent commits arrive in.

use std::future::poll_fn;
use std::task::Poll;

use futures::future::{join, join_all};
use gatelet_core::records::{Commit, Condition, Outcome, Partition, Record};

use super::stage::{NOON, Stage, name};

/// How far the steps may go under one fence.
const STEPS: u32 = 10;
/// How often a worker or the taker looks again before it gives up.
const LOOKS: usize = 100_000;

/// Of twenty that create the same record, one succeeds, and it is that one's record.
pub async fn one_of_twenty_creates(stage: &Stage) {
    let partition = stage.partition("creators");
    let commits: Vec<Commit> = (0..20_u8)
        .map(|writer| {
            let commit = stage.commit(&partition);
            commit.put(name("row"), Condition::Absent, vec![writer], None).unwrap()
        })
        .collect();
    let outcomes = join_all(commits.iter().map(|commit| stage.apply(commit))).await;
    let winners: Vec<usize> =
        (0..20).filter(|writer| outcomes[*writer] == Outcome::Committed).collect();
    assert_eq!(winners.len(), 1, "winners: {winners:?}");
    let record = stage.get(&partition, "row").await.unwrap();
    assert_eq!(usize::from(record.body[0]), winners[0]);
    assert_eq!(record.version, commits[winners[0]].version());
}

/// Twenty that each add one to the same number, and read it again after a conflict.
pub async fn twenty_increments_count_twenty(stage: &Stage) {
    let partition = stage.partition("increments");
    stage.put(&partition, "number", b"0").await;
    join_all((0..20).map(|_| increment(stage, &partition))).await;
    assert_eq!(number(stage.get(&partition, "number").await.as_ref()), 20);
}

async fn increment(stage: &Stage, partition: &Partition) {
    // Each round some writer succeeds, so twenty writers need no more than twenty rounds.
    for _ in 0..20 {
        let record = stage.get(partition, "number").await.unwrap();
        let_others_run().await;
        let next = (number(Some(&record)) + 1).to_string();
        let condition = Condition::Version(record.version);
        let commit = stage.commit(partition).put(record.key, condition, next.into(), None).unwrap();
        if stage.apply(&commit).await == Outcome::Committed {
            return;
        }
    }
    panic!("lost twenty races against nineteen others");
}

/// Two commits of which each expects what the other changes: exactly one passes, every time.
pub async fn crossed_expectations_let_one_pass(stage: &Stage) {
    let partition = stage.partition("crossed");
    stage.put(&partition, "left", b"0").await;
    stage.put(&partition, "right", b"0").await;
    for round in 0..25 {
        let left = stage.get(&partition, "left").await.unwrap();
        let right = stage.get(&partition, "right").await.unwrap();
        let changes = |changed: &Record, expected: &Record| {
            stage
                .commit(&partition)
                .expect(expected.key.clone(), expected.version)
                .unwrap()
                .put(changed.key.clone(), Condition::Version(changed.version), vec![round], None)
                .unwrap()
        };
        let (one, other) = (changes(&left, &right), changes(&right, &left));
        let outcomes = if round % 2 == 0 {
            join(stage.apply(&one), stage.apply(&other)).await
        } else {
            join(stage.apply(&other), stage.apply(&one)).await
        };
        let passed = [outcomes.0, outcomes.1].map(|outcome| outcome == Outcome::Committed);
        assert!(passed[0] != passed[1], "round {round}: {outcomes:?}");
    }
}

/// Workers append numbered steps under the fence they read; a taker raises the fence and notes how many
/// steps there were. No step under an old fence may come after that note, or a step be missing from it.
pub async fn a_fence_keeps_late_steps_out(stage: &Stage) {
    const FENCES: u32 = 6;
    let partition = stage.partition("fenced");
    stage.put(&partition, "fence", b"0").await;
    stage.put(&partition, "head", b"0").await;
    join(
        join_all((0..4).map(|_| work(stage, &partition, FENCES))),
        take(stage, &partition, FENCES),
    )
    .await;

    let steps = number(stage.get(&partition, "head").await.as_ref());
    assert!(steps > 0, "no step was ever written");
    let mut first = 1;
    for fence in 0..FENCES {
        let last = number(stage.get(&partition, &format!("closed:{fence}")).await.as_ref());
        for step in first..=last {
            let stamp = stage.get(&partition, &format!("step:{step:06}")).await;
            assert_eq!(
                number(stamp.as_ref()),
                fence,
                "step {step} was written under another fence"
            );
        }
        first = last + 1;
    }
    assert_eq!(first, steps + 1, "steps after the last fence");
    let listed = stage.keys(&partition, Some("step:"), 1000).await;
    assert_eq!(listed.len(), steps as usize, "a step that nobody counted");
}

/// Writes steps until the fence stands at its last place. Rests after so many, or a taker might lose for ever.
async fn work(stage: &Stage, partition: &Partition, fences: u32) {
    for _ in 0..LOOKS {
        let fence = stage.get(partition, "fence").await.unwrap();
        let stamp = number(Some(&fence));
        if stamp == fences {
            return;
        }
        let head = stage.get(partition, "head").await.unwrap();
        let_others_run().await;
        let step = number(Some(&head)) + 1;
        if step > (stamp + 1) * STEPS {
            continue;
        }
        let key = name(&format!("step:{step:06}"));
        let commit = stage
            .commit(partition)
            .expect(name("fence"), fence.version)
            .unwrap()
            .put(head.key, Condition::Version(head.version), step.to_string().into(), None)
            .unwrap()
            .put(key, Condition::Absent, stamp.to_string().into(), None)
            .unwrap();
        let _either = stage.apply(&commit).await;
    }
    panic!("the fence was not raised");
}

/// Raises the fence, one at a time, each time after a few steps at least have been written.
async fn take(stage: &Stage, partition: &Partition, fences: u32) {
    let mut fence = stage.get(partition, "fence").await.unwrap();
    let mut closed = 0;
    for _ in 0..LOOKS {
        if number(Some(&fence)) == fences {
            return;
        }
        let head = stage.get(partition, "head").await.unwrap();
        let_others_run().await;
        let steps = number(Some(&head));
        if steps < closed + 3 {
            continue;
        }
        let old = number(Some(&fence));
        let commit = stage
            .commit(partition)
            .expect(head.key, head.version)
            .unwrap()
            .put(fence.key, Condition::Version(fence.version), (old + 1).to_string().into(), None)
            .unwrap()
            .put(name(&format!("closed:{old}")), Condition::Absent, steps.to_string().into(), None)
            .unwrap();
        if stage.apply(&commit).await == Outcome::Committed {
            closed = steps;
        }
        fence = stage.records.get(partition, &name("fence"), NOON).await.unwrap().unwrap();
    }
    panic!("the steps did not go on");
}

/// Steps back once between a read and the commit that depends on it. Otherwise a store that answers without
/// waiting would never be interrupted, and nothing would race.
async fn let_others_run() {
    let mut stepped_back = false;
    poll_fn(|context| {
        if stepped_back {
            return Poll::Ready(());
        }
        stepped_back = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn number(record: Option<&Record>) -> u32 {
    std::str::from_utf8(&record.unwrap().body).unwrap().parse().unwrap()
}
