//! Lost answers: a commit whose outcome nobody heard is found out by reading one record it wrote.

use gatelet_core::outage::Effect;
use gatelet_core::records::{Condition, Records as _};

use super::stage::{NOON, Stage, name};
use super::stop::{Last, StopAfter};

/// The version that is read afterwards says whether the commit arrived, also over an older record.
pub async fn a_lost_answer_can_be_found_out(stage: &Stage) {
    let partition = stage.partition("lost-answer");
    let old = stage.put(&partition, "old", b"before").await;
    for (last, key, condition) in [
        (Last::Lost, "new", Condition::Absent),
        (Last::Lost, "old", Condition::Version(old)),
        (Last::Applied, "new", Condition::Absent),
        (Last::Applied, "old", Condition::Version(old)),
    ] {
        let flaky = StopAfter::new(stage.records.clone(), 0, last);
        let commit = stage
            .commit(&partition)
            .put(name(key), condition, b"after".to_vec(), None)
            .unwrap()
            .put(name(&format!("beside:{key}")), Condition::Absent, Vec::new(), None)
            .unwrap();
        let outage = flaky.commit(&commit, NOON).await.unwrap_err();
        assert_eq!(outage.effect, Effect::Unknown);

        let arrived = last == Last::Applied;
        for written in [key, &format!("beside:{key}")] {
            let record = stage.get(&partition, written).await;
            let ours = record.is_some_and(|record| record.version == commit.version());
            assert_eq!(ours, arrived, "{written} after {last:?}");
        }
        let outage = flaky.commit(&commit, NOON).await.unwrap_err();
        assert_eq!(outage.effect, Effect::Nothing);
    }
}
