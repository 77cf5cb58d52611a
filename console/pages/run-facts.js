// What is recorded about a run: which, whose, from what, how it was kept apart, and the story of its states.

import { Action, Copy } from '../parts/controls.js';
import { Facts } from '../parts/facts.js';
import { may } from '../shell/session.js';
import { html } from '../vendor/preact.js';
import { LEVELS, named } from '../words/states.js';
import { asker, count, text } from '../words/text.js';
import { Exact, clockExact } from '../words/time.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */

/** @param {{ sandbox: NonNullable<Run['sandbox']> }} props */
function Sandbox({ sandbox: { level, network, probes } }) {
  return html`
    ${LEVELS[level] ?? 'unknown'} (${level}); network: ${text(network)}
    <details><summary>What does this mean?</summary>
      <p>Before each script the host tries out what holds it back. The level follows from what held.</p>
      <ul>${probes.map(({ name, holds, detail }) => html`<li key=${name}><strong>${text(name)}</strong> ${holds ? 'holds' : 'does not hold'}: ${text(detail)}</li>`)}</ul>
    </details>`;
}

/** @param {{ run: Run }} props */
function Credential({ run }) {
  return html`
    <${Exact} at=${run.credential_ends_at} />
    <details><summary>What does this mean?</summary>
      <p>The script got a credential that ends by itself then. If its worker is lost, nobody goes on before that, so that no two of them act at once.</p>
    </details>`;
}

/** @param {{ inputs: Record<string, unknown> }} props */
const Inputs = ({ inputs }) => html`
  <details><summary>What it was given</summary><dl class="facts">${Object.entries(inputs).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd dir="auto">${text(value)}</dd></div>`)}</dl></details>`;

/** @param {{ run: Run, moments: import('../shell/live.js').Moment[], evidence: () => Promise<void> }} props */
export function RunFacts({ run, moments, evidence }) {
  const connections = Object.entries(run.connections ?? {}).map(([name, chosen]) => `${name}: ${text(chosen)}`);
  return html`
    <section aria-labelledby="facts" data-part="facts"><h2 id="facts">Facts</h2>
      <${Facts} label="Facts" pairs=${[
        ['Run', html`<span class="id">${run.id}</span> <${Copy} text=${run.id} what="the run’s id" />`],
        run.trace_id && ['Trace', html`<span class="id">${text(run.trace_id)}</span> <${Copy} text=${text(run.trace_id)} what="the trace id" />`],
        ['Asked for by', run.by.schedule || run.by.name ? asker(run) : html`<span class="id">${text(run.by.subject)}</span>`],
        ['Started', run.started_at ? html`<${Exact} at=${run.started_at} />` : 'not yet'],
        run.ended_at && ['Ended', html`<${Exact} at=${run.ended_at} />`],
        ['Attempt', `${run.attempt} of ${run.max_attempts}`],
        ['Version', html`${text(run.automation.version)} <code class="meta">${text(run.automation.digest).slice(0, 12)}</code>`],
        connections.length > 0 && ['Connection', connections.join(', ')],
        run.credential_ends_at && ['Credential ends', html`<${Credential} run=${run} />`],
        run.sandbox && ['Isolation', html`<${Sandbox} sandbox=${run.sandbox} />`],
        run.inputs && Object.keys(run.inputs).length > 0 && ['Inputs', html`<${Inputs} inputs=${run.inputs} />`],
      ]} />
    </section>
    <section aria-labelledby="recorded" data-part="recorded"><h2 id="recorded" tabindex="-1">What was recorded</h2>
      ${moments.length > 0 && html`<ol class="moments">${moments.map(({ at, state, attempt }) => html`<li key=${`${at} ${state}`}><span class="id">${clockExact(at)}</span> ${named(state)[0]}${attempt > 1 ? `, attempt ${attempt}` : ''}</li>`)}</ol>`}
      ${run.audit && html`<p class="meta">${count(run.audit.entries)} entries in the audit chain of this run. Its head is <code>${text(run.audit.head).slice(0, 16)}</code>.</p>`}
      ${may('audit:read') && html`<div class="actions"><${Action} does=${evidence} what="The evidence was not downloaded" doing="Downloading…" done="The evidence is downloaded.">Download evidence<//></div>`}
    </section>`;
}
