// What stands above the steps: a question that only a person can answer, or why the run came to nothing.

import { shown } from '../form/field.js';
import { Problem } from '../parts/controls.js';
import { announce } from '../parts/page.js';
import { at, post } from '../shell/api.js';
import { returnTo } from '../shell/router.js';
import { gatelet, mine, reachable } from '../shell/session.js';
import { html, useSignal } from '../vendor/preact.js';
import { CLASSES, failure, whyNot } from '../words/states.js';
import { text } from '../words/text.js';
import { Exact } from '../words/time.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */

/** The least that a reason has, in characters. */
const REASON = 10;

/** What somebody can record, and what follows from it. */
const OUTCOMES = [
  ['happened', 'It happened', 'the run goes on after this step'],
  ['did_not', 'It did not happen', 'the step is done once more'],
  ['unknown', 'It cannot be known', 'the run is closed as failed'],
];

/** @param {{ run: Run, step: import('../gatelet-runs.js').Step, again: () => Promise<void> }} props */
function Record({ run, step, again }) {
  const chosen = useSignal('');
  const reason = useSignal('');
  const state = useSignal(/** @type {{ busy: boolean, wrong?: string, error?: unknown }} */ ({ busy: false }));
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (state.value.busy || !reachable.peek().ok) return;
    const wrong = !chosen.value ? 'Choose what happened.' : reason.value.trim().length < REASON ? `Write at least ${REASON} characters about how you know.` : '';
    state.value = { busy: !wrong, wrong };
    if (wrong) return;
    try {
      await post(`${at('runs', run.id)}/outcome`, { step: step.key, outcome: chosen.value, reason: reason.value.trim(), seq: run.seq });
      announce('The outcome is recorded.');
      await again();
      state.value = { busy: false };
    } catch (error) {
      state.value = { busy: false, error };
    }
  };
  const { busy, wrong, error } = state.value;
  return html`
    <form class="stack" noValidate onSubmit=${send} aria-label="Record the outcome">
      <fieldset class="stack"><legend>What happened?</legend>
        <ul class="choices">${OUTCOMES.map(([name, title, then]) => html`<li key=${name}><label class="choice">
          <input type="radio" name="outcome" value=${name} checked=${chosen.value === name} onChange=${() => { chosen.value = name; }} />
          <strong>${title}</strong> <span class="meta">${then}</span></label></li>`)}</ul>
      </fieldset>
      <div class="field"><label for="reason">Reason</label>
        <p class="hint" id="reason-hint">How you know. It is recorded with your name. At least ${REASON} characters.</p>
        <textarea id="reason" rows="3" aria-describedby="reason-hint" onFocus=${shown} value=${reason.value} onInput=${(/** @type {any} */ event) => { reason.value = event.target.value; }}></textarea>
      </div>
      ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
      <div class="actions"><button type="submit" class="primary" aria-disabled=${busy ? 'true' : null}>${busy ? 'Recording…' : 'Record outcome'}</button></div>
      ${error && html`<${Problem} what="The outcome was not recorded" error=${error} />`}
    </form>`;
}

/** Whoever may record must have signed in lately, which is settled before anything is written. */
function Prove() {
  const prove = () => gatelet.signIn(mine().provider, { returnTo: returnTo(), stepUp: true, maxAge: 0 });
  return html`
    <p data-state="step-up">To record what happened, prove again who you are: your sign-in is not recent enough. You leave for your provider and come back to this run.</p>
    <div class="actions"><button type="button" class="primary" onClick=${prove}>Prove again who you are</button></div>`;
}

/** A step may have taken effect, and nobody knows. @param {{ run: Run, again: () => Promise<void> }} props */
export function Outcome({ run, again }) {
  const steps = run.steps ?? [];
  const step = steps.find(({ state }) => state === 'unknown') ?? steps.find(({ state }) => state === 'begun');
  const why = whyNot(run.can.record_outcome);
  return html`
    <section class="card unsure" aria-labelledby="needs" data-part="needs"><h2 id="needs">We do not know whether a step took effect</h2>
      <p>${step ? html`Step <strong>${text(step.title) || step.key}</strong> began <${Exact} at=${step.begun_at} />, and its end was not heard of. ` : ''}Nothing was repeated.${step && CLASSES[step.class] ? ` The step is declared as “${CLASSES[step.class]}”.` : ''}</p>
      ${run.credential_ends_at && html`<p>Its credential ends or ended <${Exact} at=${run.credential_ends_at} />. Look in the cloud’s own log for <code>${run.id}</code>.</p>`}
      ${run.can.record_outcome.code === 'step_up_required' ? html`<${Prove} />`
        : why ? html`<p data-state="barred">You cannot record what happened. ${why}</p>` : step && html`<${Record} run=${run} step=${step} again=${again} />`}
    </section>`;
}

/** Why it came to nothing, what of it was done, and what can be done now. @param {{ run: Run }} props */
export function Failure({ run }) {
  const code = text(run.code);
  const [why, next] = failure(code);
  const steps = run.steps ?? [];
  const changed = steps.filter((step) => step.class !== 'R' && ['done', 'recorded'].includes(step.state)).length;
  const open = steps.find(({ state }) => state === 'begun' || state === 'unknown');
  const done = steps.length === 0 ? '' : changed === 0 ? 'No step changed anything.' : `${changed} of ${steps.length} steps changed something before.`;
  return html`
    <section class="notice error" aria-labelledby="cause" data-part="cause"><div>
      <h2 id="cause">What went wrong</h2>
      <p>${open ? html`In step <strong>${text(open.title) || open.key}</strong>. ` : ''}${why}</p>
      ${run.message && html`<p class="said">${text(run.message)}</p>`}
      <p>${done} ${next}</p>
      <p class="meta"><code>${code}</code></p>
    </div></section>`;
}
