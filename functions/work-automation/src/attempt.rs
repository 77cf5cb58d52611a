//! One attempt: made ready, begun in the ledger, run, and ended.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use gatelet_core::automation::attempt::{Came, Gone, Holder, Ready, came_to, make_ready};
use gatelet_core::automation::catalog::Automation;
use gatelet_core::automation::{Effect, Ending, Failure, Job, Run, RunId, Runs, check_result};
use gatelet_core::outage::Chain;
use gatelet_core::parts::Parts;

use crate::spans::trace;
use crate::watch::{Sleeps, Watch};

/// Carries out the attempt that was granted with this run. Also tells which run waits for its slot.
pub(crate) async fn carry_out(parts: &Parts, run: Run) -> Result<(Run, Option<RunId>), Gone> {
    let (runs, began) = (Runs::new(&*parts.records, &*parts.random), parts.clock.now());
    let automation = parts.automations.catalog.get(&run.automation).cloned();
    let effect = automation.as_ref().map_or(Effect::Reads, |automation| automation.effect);
    let time = (&*parts.clock, &Sleeps as _);
    let holder = Holder::new(runs, &*parts.objects, time, effect, run);
    // A script that declares no steps is left to its own end: cut off, nobody would know what it did.
    let may_be_ended = effect != Effect::Unsafe;
    let watch = Watch::new(&holder, may_be_ended.then_some(&parts.memory.is_ending));
    let ending = {
        let beats = pin!(watch.beat());
        let work = pin!(async {
            match make_ready(parts, &holder, automation).await? {
                Ok(ready) => run_script(parts, &holder, &watch, ready).await,
                Err(ending) => Ok(ending),
            }
        });
        match select(work, beats).await {
            Either::Left((ending, _)) => ending?,
            Either::Right((never, _)) => match never {},
        }
    };
    let (run, next) = holder.finish(ending).await?;
    trace(parts, &run, began).await;
    Ok((run, next))
}

/// The longest that another attempt may take.
pub(crate) fn longest(parts: &Parts, run: &Run) -> Duration {
    let automation = parts.automations.catalog.get(&run.automation);
    automation.map_or(Duration::ZERO, |automation| automation.timeout)
}

/// Notes what the script gets, hands it over, and waits for its end.
async fn run_script(
    parts: &Parts,
    holder: &Holder<'_>,
    watch: &Watch<'_, '_>,
    ready: Ready,
) -> Result<Ending, Gone> {
    let Ready { automation, start, beginning, redactor } = ready;
    holder.begin(&beginning, redactor).await?;
    let run = holder.run().await;
    let job = Job {
        tenant: run.tenant,
        run: run.id,
        fence: run.fence,
        automation: automation.clone(),
        start,
        timeout: automation.timeout,
    };
    let exit = parts.automations.runner.run(job, watch).await;
    if let Err(outage) = &exit {
        tracing::error!(error = %Chain(outage), "a script could not be begun");
    }
    match came_to(&exit, holder.heard().await, watch.reason(), automation.effect) {
        Came::Result(value) => match check_result(&automation, &value) {
            Ok(()) => holder.keep_result(&value).await,
            Err(problem) => Ok(bad_result(&automation, &problem)),
        },
        Came::To(ending) => Ok(ending),
        Came::Gone => Err(Gone::Lost),
    }
}

fn bad_result(automation: &Automation, problem: &str) -> Ending {
    tracing::warn!(automation = automation.name, problem, "a result is not what was promised");
    Ending::Failed(Failure::saying("bad_result", problem))
}
