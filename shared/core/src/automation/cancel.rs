//! A person wants a run to end.

use serde_json::Map;

use super::RunId;
use super::claim::rest;
use super::draft::{Choice, Draft, Why};
use super::row::Run;
use super::runs::Runs;
use super::state::State;
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::records::StoreError;
use crate::tenant::TenantId;

/// What came of a wish to cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It waited for a worker, and is over.
    Now(Box<Run>),
    /// Its holder is told, and ends it once its script is gone. Or it waits for something else, and ends then.
    Asked(Box<Run>),
    /// It was over before.
    Over(Box<Run>),
    /// There is no such run.
    Unknown,
}

impl Runs<'_> {
    /// Cancels a run that waits for a worker, or asks the holder of any other to end it.
    pub async fn cancel(
        &self,
        tenant: &TenantId,
        id: &RunId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Cancelled, StoreError> {
        let decide = |draft: &mut Draft| cancel(draft, &actor, now);
        let Some((told, run)) = self.change((tenant, id), now, decide).await? else {
            return Ok(Cancelled::Unknown);
        };
        if run.state.is_final() {
            self.free_slot(&run, now).await?;
        }
        Ok(told(Box::new(run)))
    }
}

type Told = fn(Box<Run>) -> Cancelled;

fn cancel(draft: &mut Draft, actor: &Actor, now: Timestamp) -> Choice<Told> {
    let run = &mut draft.run;
    match run.state {
        state if state.is_final() => Choice::Leave(Cancelled::Over),
        State::Queued => {
            run.cancel_requested = true;
            rest(draft, State::Cancelled, now);
            let why = Why { actor: actor.clone(), action: "run.cancel", code: Some("cancelled") };
            draft.turn(State::Cancelled, why, Map::new());
            Choice::Store(Cancelled::Now)
        }
        _ if run.cancel_requested => Choice::Leave(Cancelled::Asked),
        _ => {
            run.cancel_requested = true;
            draft.audit(actor.clone(), "run.cancel", "asked", Map::new());
            Choice::Store(Cancelled::Asked)
        }
    }
}
