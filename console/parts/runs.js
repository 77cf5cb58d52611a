// A state as its word and its shape, and runs in a table.

import { html } from '../vendor/preact.js';
import { inside } from '../shell/api.js';
import { mine } from '../shell/session.js';
import { isOver, stateOf } from '../words/states.js';
import { asker, text } from '../words/text.js';
import { Ago, now, span } from '../words/time.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */

/** The shapes, each drawn with one line in a square of 16. @type {Record<import('../words/states.js').Shape, string>} */
const SHAPES = {
  hourglass: 'M4 2h8M4 14h8M5 2c0 4 6 8 6 12M11 2c0 4-6 8-6 12',
  arc: 'M8 2a6 6 0 1 0 6 6',
  diamond: 'M8 1.5 14.5 8 8 14.5 1.5 8Z',
  check: 'm2.5 8.5 4 4 7-9',
  cross: 'm3 3 10 10M13 3 3 13',
  slash: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M4 12 12 4',
  ring: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2',
};

/** A state. It is filled only where it is open. @param {{ state: import('../words/states.js').State, open?: boolean }} props */
export function Badge({ state: [word, kind, shape], open = false }) {
  return html`
    <span class="state ${kind}${open ? ' open' : ''}"><svg class=${shape} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path
      fill="none" stroke="currentColor" stroke-width="2" d=${SHAPES[shape]} /></svg>${word}</span>`;
}

/** How long it took, or takes. @param {{ run: Run }} props */
function Took({ run }) {
  if (!run.started_at) return '–';
  return span((run.ended_at ?? (isOver(run) ? run.started_at : now.value)) - run.started_at);
}

/** @param {{ run: Run }} props */
function Row({ run }) {
  const { tenant, scopes } = mine();
  const title = text(run.automation.title) || text(run.automation.name);
  const name = text(run.automation.name);
  return html`
    <tr>
      <td><${Badge} state=${stateOf(run)} open=${!isOver(run)} /></td>
      <th scope="row"><a href=${inside(tenant, 'runs', run.id)}>${title}</a></th>
      <td><span class="label">Asked by </span>${asker(run)}</td>
      <td><span class="label">Asked for </span><${Ago} at=${run.requested_at} /></td>
      <td><span class="label">Took </span><${Took} run=${run} /></td>
      <td>${run.can?.run_again?.allowed && scopes.includes('runs:write') && html`
        <a class="button" href=${`${inside(tenant, 'automations', name)}?from=${encodeURIComponent(run.id)}`}>Run again…<span class="unseen"> ${title}</span></a>`}</td>
    </tr>`;
}

/** @param {{ runs: Run[], label: string }} props */
export function RunsTable({ runs, label }) {
  return html`
    <table class="blocks runs" aria-label=${label}>
      <thead><tr><th scope="col">State</th><th scope="col">Automation</th><th scope="col">Asked by</th><th scope="col">When</th><th scope="col">Took</th><th scope="col"><span class="unseen">Action</span></th></tr></thead>
      <tbody>${runs.map((run) => html`<${Row} key=${run.id} run=${run} />`)}</tbody>
    </table>`;
}
