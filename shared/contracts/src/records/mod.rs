//! What every adapter of `Records` owes. [`records_contract`] runs every clause; each can be run by itself.

pub mod bodies;
pub mod commits;
pub mod conditions;
pub mod expiry;
pub mod listing;
pub mod names;
pub mod outcome;
pub mod purge;
pub mod races;
mod stage;
mod stop;
mod watched;

use std::sync::Arc;

use gatelet_core::records::Records;

pub use self::stage::{NOON, Stage};
pub use self::stop::{Last, StopAfter};
pub use self::watched::Watched;

/// Runs every clause that every store must keep.
pub async fn records_contract(records: Arc<dyn Records>) {
    let stage = Stage::new(records);
    bodies::what_was_put_is_read_until_it_is_deleted(&stage).await;
    bodies::bodies_are_exact_bytes(&stage).await;

    names::every_allowed_name_is_kept(&stage).await;
    names::case_tells_names_apart(&stage).await;
    names::tables_and_partitions_are_separate(&stage).await;

    expiry::an_expired_record_does_not_exist(&stage).await;
    expiry::absent_holds_over_an_expired_record(&stage).await;
    expiry::an_overwrite_changes_the_expiry(&stage).await;

    conditions::puts_hold_to_their_condition(&stage).await;
    conditions::deletes_hold_to_their_version(&stage).await;
    conditions::an_expectation_is_held_and_changes_nothing(&stage).await;

    commits::an_empty_commit_is_committed(&stage).await;
    commits::one_commit_holds_twenty_five_writes(&stage).await;
    commits::one_commit_holds_a_mebibyte(&stage).await;
    commits::one_broken_condition_undoes_all(&stage).await;
    commits::every_put_has_the_commits_version(&stage).await;

    listing::a_listing_is_ordered_and_cut(&stage).await;
    listing::a_prefix_is_only_a_prefix(&stage).await;
    listing::deleting_does_not_break_a_listing(&stage).await;
    listing::ten_thousand_keys(&stage).await;

    races::one_of_twenty_creates(&stage).await;
    races::twenty_increments_count_twenty(&stage).await;
    races::crossed_expectations_let_one_pass(&stage).await;
    races::a_fence_keeps_late_steps_out(&stage).await;

    outcome::a_lost_answer_can_be_found_out(&stage).await;
    purge::a_purge_under_load_loses_nothing(&stage).await;
}
