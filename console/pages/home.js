// The first page of a tenant: what needs you, what you did last, and where to start.

import { html } from '../vendor/preact.js';
import { Loaded, useBeat } from '../parts/load.js';
import { Page } from '../parts/page.js';
import { RunsTable } from '../parts/runs.js';
import { get, inside, listRuns } from '../shell/api.js';
import { may, mine } from '../shell/session.js';
import { OVER } from '../words/states.js';
import { text } from '../words/text.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */

/** The automation with which people start: it needs no cloud. */
const FIRST = 'access-review';

function Needs() {
  const beat = useBeat(10);
  return html`
    <section aria-labelledby="needs"><h2 id="needs">Needs you</h2>
      <${Loaded} on=${beat} from=${async () => (await listRuns({ state: 'uncertain', limit: 5 })).runs}
        waiting="Loading what needs you…" lacking="What needs you could not be listed"
        show=${(/** @type {Run[]} */ runs) => (runs.length === 0 ? html`<p data-state="empty">Nothing is waiting for you.</p>`
          : html`<p>Nobody knows whether a step of ${runs.length === 1 ? 'this run' : 'these runs'} took effect. Nothing was repeated.
            ${may('runs:approve') ? 'You can record what happened.' : 'An administrator can record what happened.'}</p><${RunsTable} runs=${runs} label="Needs you" />`)} />
    </section>`;
}

/** The first automation, unless a run of this tenant has ended already. @returns {Promise<any>} */
async function unstarted() {
  const { runs } = await listRuns({ limit: 20 });
  if (runs.some(({ state }) => OVER.includes(state))) return null;
  return get(`/automations/${FIRST}`).catch((error) => { if (error.code === 'gone') return null; throw error; });
}

/** @param {{ runs: Run[] }} props */
function Start({ runs }) {
  const { tenant } = mine();
  if (runs.some(({ state }) => OVER.includes(state))) return null;
  return html`
    <${Loaded} from=${unstarted} waiting="Loading where to start…" lacking="It is not known where to start"
      show=${(/** @type {any} */ first) => first?.can?.start?.allowed && html`
        <section class="card" aria-labelledby="start"><h2 id="start">Start here</h2>
          <p>${text(first.summary)} A sample file is there, so nothing has to be set up.</p>
          <div class="actions"><a class="button primary" href=${inside(tenant, 'automations', FIRST)}>Start here: ${text(first.title)}</a></div>
        </section>`} />`;
}

function Recent() {
  const { tenant } = mine();
  return html`
    <section aria-labelledby="recent"><h2 id="recent">Your recent runs</h2>
      <${Loaded} from=${async () => (await listRuns({ by: 'me', limit: 5 })).runs} waiting="Loading your runs…" lacking="Your runs could not be listed"
        show=${(/** @type {Run[]} */ runs) => html`
          ${runs.length > 0 ? html`<${RunsTable} runs=${runs} label="Your recent runs" />`
            : html`<p data-state="empty">You have started no runs yet. They appear here when you do. <a href=${inside(tenant, 'automations')}>See the automations</a></p>`}
          ${may('runs:write') && html`<${Start} runs=${runs} />`}`} />
    </section>`;
}

export default function Home() {
  const { name, role, scopes, tenantTitle } = mine();
  const lead = html`<p class="lead">${name ? `${name}, you` : 'You'} act here as <strong>${role}</strong>.</p>`;
  return html`
    <${Page} title=${tenantTitle} state="home" lead=${lead}>
      ${may('runs:read') ? html`<${Needs} /><${Recent} />`
        : html`<p data-state="empty">${scopes.length > 0 ? 'Your role does not let you see runs.' : 'There is nothing for you yet: your role has no rights.'}
          An administrator of the tenant can give you another role. <a href="/account">See your account</a></p>`}
    <//>`;
}
