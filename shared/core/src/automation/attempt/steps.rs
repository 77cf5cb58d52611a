//! Steps: begun in the ledger before their effect, and ended there after it.

use serde_json::{Map, Value};

use super::hear::{stop, wrong};
use super::holder::{Holder, Inner};
use super::{Answer, Gone, OUTCOME_UNKNOWN};
use crate::automation::claim::WORKER;
use crate::automation::draft::{Choice, Draft, detail};
use crate::automation::effect::{Effect, EffectClass};
use crate::automation::row::Unproven;
use crate::automation::runs::partition;
use crate::automation::step::{
    self, EVIDENCE_BYTES, Intent, MAX_STEPS, StepRecord, StepState, VALUE_BYTES, WHOLE_SCRIPT,
};
use crate::records::StoreError;

/// The longest title of a step, in characters.
pub const TITLE_LENGTH: usize = 200;

impl Holder<'_> {
    /// Begins a step, unless an attempt has done it. The answer says `begin` only once the ledger has it and while
    /// the lease holds.
    pub(super) async fn intent(
        &self,
        inner: &mut Inner,
        mut intent: Intent,
    ) -> Result<Answer, Gone> {
        intent.title = intent.title.chars().take(TITLE_LENGTH).collect();
        if let Some(problem) = self.problem(&intent) {
            return Ok(wrong(problem));
        }
        let fence = inner.run.fence;
        let step = match self.step(inner, &intent.key).await? {
            None if inner.run.steps >= MAX_STEPS => {
                return Ok(wrong("a run has 200 steps at most"));
            }
            None => {
                let number = inner.run.steps.saturating_add(1);
                StepRecord::begin(intent, (number, fence), self.clock.now())
            }
            Some(known) => match begin_again(known, &intent, fence) {
                Ok(step) => step,
                Err(answer) => return Ok(answer),
            },
        };
        let is_cancelled = self
            .change(inner, |draft| {
                if draft.run.cancel_requested {
                    return Ok(Choice::Leave(true));
                }
                if step.class == EffectClass::D {
                    draft.run.unproven.push(Unproven::of(&step));
                }
                draft.run.steps = draft.run.steps.max(step.number);
                store(draft, &step, "begun")?;
                Ok(Choice::Store(false))
            })
            .await?;
        if is_cancelled {
            return Ok(stop("cancelled"));
        }
        if matches!(step.class, EffectClass::B | EffectClass::C) {
            inner.open.retain(|open| open.key != step.key);
            inner.open.push(Unproven::of(&step));
        }
        // The store may have taken its time. An effect that would begin too late does not begin.
        if !self.is_held(inner) {
            return Ok(stop("lease_lost"));
        }
        let token = step::token(&inner.run.tenant, &inner.run.id, &step.key);
        Ok(Answer::Begin { token, repeated: step.repeated })
    }

    /// The step's effect is there.
    pub(super) async fn done(
        &self,
        inner: &mut Inner,
        key: &str,
        (evidence, value): (Map<String, Value>, Value),
    ) -> Result<Answer, Gone> {
        let evidence_bytes = Value::Object(evidence.clone()).to_string().len();
        if evidence_bytes > EVIDENCE_BYTES || value.to_string().len() > VALUE_BYTES {
            return Ok(wrong("a step's value has 8 KiB at most, its evidence 4 KiB"));
        }
        let Some(mut step) = self.open_step(inner, key).await? else {
            return Ok(wrong(format!("step {key:?} is not under way")));
        };
        step.state = StepState::Done;
        step.done_at = Some(self.clock.now());
        (step.evidence, step.value) = (evidence, value);
        self.end_step(inner, &step, "done").await
    }

    /// The step had no effect.
    pub(super) async fn undone(&self, inner: &mut Inner, key: &str) -> Result<Answer, Gone> {
        let Some(mut step) = self.open_step(inner, key).await? else {
            return Ok(wrong(format!("step {key:?} is not under way")));
        };
        step.state = StepState::Undone;
        self.end_step(inner, &step, "undone").await
    }

    async fn end_step(
        &self,
        inner: &mut Inner,
        step: &StepRecord,
        outcome: &str,
    ) -> Result<Answer, Gone> {
        self.change(inner, |draft| {
            draft.run.unproven.retain(|open| open.key != step.key);
            store(draft, step, outcome)?;
            Ok(Choice::Store(()))
        })
        .await?;
        inner.open.retain(|open| open.key != step.key);
        Ok(Answer::Go)
    }

    /// What is wrong with an intent, for the author of the script.
    fn problem(&self, intent: &Intent) -> Option<String> {
        let Intent { key, class, params, .. } = intent;
        let plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
        };
        if !(1..=64).contains(&key.len()) || !key.bytes().all(plain) {
            return Some("a step's key is 1 to 64 of a-z 0-9 . _ -".into());
        }
        if self.effect == Effect::Unsafe && key == WHOLE_SCRIPT {
            return Some(format!("{WHOLE_SCRIPT:?} is the step that the whole script is"));
        }
        if params.len() != 64 || !params.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Some("params is SHA-256 in 64 hex digits".into());
        }
        if self.effect == Effect::Reads && *class != EffectClass::R {
            return Some("the manifest says that the automation only reads".into());
        }
        None
    }

    /// A step that this attempt has begun.
    async fn open_step(&self, inner: &Inner, key: &str) -> Result<Option<StepRecord>, Gone> {
        if step::name(key).is_err() || (self.effect == Effect::Unsafe && key == WHOLE_SCRIPT) {
            return Ok(None);
        }
        let step = self.step(inner, key).await?;
        let is_open =
            |step: &StepRecord| step.state == StepState::Begun && step.fence == inner.run.fence;
        Ok(step.filter(is_open))
    }

    /// A step as the ledger has it. Only the holder changes it while it holds the run.
    async fn step(&self, inner: &Inner, key: &str) -> Result<Option<StepRecord>, Gone> {
        let name = step::name(key).map_err(|error| Gone::Away(error.into()))?;
        let place = partition(&inner.run.tenant, &inner.run.id).map_err(Gone::Away)?;
        loop {
            match self.runs.records.get(&place, &name, self.clock.now()).await {
                Ok(found) => {
                    let step = found.map(|record| StepRecord::decode(&record)).transpose();
                    let step = step.map_err(Gone::Away)?;
                    let is_anothers = |step: &StepRecord| step.fence > inner.run.fence;
                    return if step.as_ref().is_some_and(is_anothers) {
                        Err(Gone::Lost)
                    } else {
                        Ok(step)
                    };
                }
                Err(away) => self.be_patient(inner, away.into()).await?,
            }
        }
    }
}

/// A step that was begun before, begun again; or what is answered instead.
fn begin_again(known: StepRecord, intent: &Intent, fence: u32) -> Result<StepRecord, Answer> {
    if known.class != intent.class || known.params != intent.params {
        let problem = "was begun before with another class or other params";
        return Err(wrong(format!("step {:?} {problem}", known.key)));
    }
    let repeated = match known.state {
        StepState::Done | StepState::Recorded => return Err(Answer::Skip { value: known.value }),
        StepState::Undone => false,
        StepState::Unknown => return Err(stop(OUTCOME_UNKNOWN)),
        StepState::Begun if known.class == EffectClass::D && known.fence == fence => {
            return Err(wrong(format!("step {:?} is under way", known.key)));
        }
        // A takeover would have made the run uncertain, so this cannot be; and if it is, nobody repeats it.
        StepState::Begun if known.class == EffectClass::D => return Err(stop(OUTCOME_UNKNOWN)),
        StepState::Begun => true,
    };
    let state = StepState::Begun;
    Ok(StepRecord { state, fence, repeated, title: intent.title.clone(), done_at: None, ..known })
}

/// Stores a step with its event and its entry in the audit chain.
fn store(draft: &mut Draft, step: &StepRecord, outcome: &str) -> Result<(), StoreError> {
    draft.put(step::name(&step.key)?, step.encode()?);
    draft.tell(step.happening());
    let mut about = detail([("step", step.key.as_str().into())]);
    about.insert("class".into(), format!("{:?}", step.class).into());
    if step.state == StepState::Done && !step.evidence.is_empty() {
        about.insert("evidence".into(), step.evidence.clone().into());
    }
    draft.audit(WORKER, "run.step", outcome, about);
    Ok(())
}
