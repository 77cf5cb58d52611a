// The steps of a run: what each did, whether it may be repeated, how long it took, and what proves it.

import { Badge } from '../parts/runs.js';
import { html } from '../vendor/preact.js';
import { CLASSES, STEP_STATES, isOver, named } from '../words/states.js';
import { counted, text } from '../words/text.js';
import { Span, clockExact, now } from '../words/time.js';

/** @typedef {import('../gatelet-runs.js').Step} Step */
/** @typedef {import('../gatelet-runs.js').Run} Run */

/** How long a step took, or takes. @param {{ step: Step }} props */
const Took = ({ step }) => html`<${Span} seconds=${(step.done_at ?? (step.state === 'begun' ? now.value : step.begun_at)) - step.begun_at} />`;

/** @param {{ step: Step, number: number }} props */
function Row({ step, number }) {
  const evidence = Object.entries(step.evidence ?? {});
  return html`
    <li class="step" data-step=${step.state}>
      <span class="number" aria-hidden="true">${number}</span>
      <div>
        <p><strong>${text(step.title) || step.key}</strong></p>
        <p class="meta">${CLASSES[step.class] ?? text(step.class)}${step.state === 'unknown' ? '' : html` · <${Took} step=${step} />`}</p>
        ${evidence.length > 0 && html`<details><summary>What proves it</summary><dl class="facts">${evidence.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd class="id">${text(value)}</dd></div>`)}</dl></details>`}
      </div>
      <${Badge} state=${named(step.state, STEP_STATES)} open=${step.state === 'unknown'} />
    </li>`;
}

/** A worker that was lost is part of the story. @param {{ moments: import('../shell/live.js').Moment[] }} props */
function Lost({ moments }) {
  return moments.filter(({ state }) => state === 'recovering').map(({ at, continuesAt }) => html`
    <p class="meta" key=${at}>Worker lost ${clockExact(at)}.${continuesAt ? ` Continues after its credential has ended, ${clockExact(continuesAt)}.` : ''}</p>`);
}

/** @param {{ run: Run, moments: import('../shell/live.js').Moment[] }} props */
export function Steps({ run, moments }) {
  const steps = (run.steps ?? []).map((step, at) => ({ step, number: at + 1 }));
  const isFolded = (/** @type {{ step: Step }} */ { step }) => step.quiet && (step.state === 'done' || step.state === 'undone');
  const [quiet, loud] = [steps.filter(isFolded), steps.filter((one) => !isFolded(one))];
  const list = (/** @type {typeof steps} */ some) => html`<ol class="steps">${some.map((one) => html`<${Row} key=${one.step.key} ...${one} />`)}</ol>`;
  return html`
    <section aria-labelledby="steps" data-part="steps"><h2 id="steps">Steps</h2>
      <${Lost} moments=${moments} />
      ${steps.length === 0 && html`<p class="meta" data-state="empty">${isOver(run) ? 'It declared no steps.' : run.state === 'queued' ? 'It waits for its turn.' : 'No step has begun yet.'}</p>`}
      ${loud.length > 0 && list(loud)}
      ${quiet.length > 0 && html`<details><summary>${counted(quiet.length, 'quiet step')} went well</summary>${list(quiet)}</details>`}
    </section>`;
}
