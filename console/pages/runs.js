// All runs of the tenant, the newest first. What is asked for stands in the address.

import { Loaded, useBeat } from '../parts/load.js';
import { Page, announce } from '../parts/page.js';
import { RunsTable } from '../parts/runs.js';
import { get, inside, listRuns } from '../shell/api.js';
import { ask, place } from '../shell/router.js';
import { mine } from '../shell/session.js';
import { html, useEffect, useSignal } from '../vendor/preact.js';
import { STATES, named } from '../words/states.js';
import { counted, text } from '../words/text.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */
/** @typedef {{ runs: Run[], next: string | null }} Listed */

/** How many runs are on a page. */
const LIMIT = 25;

/** What is asked for. */
function asked() {
  const { query } = place.value;
  const [state, automation, by, cursor] = ['state', 'automation', 'by', 'cursor'].map((name) => query.get(name) ?? '');
  return { state: Object.hasOwn(STATES, state) ? state : '', automation, by: by === 'me' ? by : '', cursor };
}

/** The filters. Another filter begins at the newest again. */
function Filters() {
  const { state, automation, by } = asked();
  const names = useSignal(/** @type {{ name: string, title: string }[]} */ ([]));
  useEffect(() => { get('/automations').then(({ automations }) => { names.value = automations; }, () => {}); }, []);
  const known = names.value.some(({ name }) => name === automation) || !automation ? names.value : [...names.value, { name: automation, title: automation }];
  return html`
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <label>State <select value=${state} onChange=${(/** @type {any} */ event) => ask({ state: event.target.value, cursor: '' })}>
        <option value="">All</option>${Object.entries(STATES).map(([name, [word]]) => html`<option key=${name} value=${name} selected=${name === state}>${word}</option>`)}</select></label>
      <label>Automation <select value=${automation} onChange=${(/** @type {any} */ event) => ask({ automation: event.target.value, cursor: '' })}>
        <option value="">All</option>${known.map(({ name, title }) => html`<option key=${name} value=${name} selected=${name === automation}>${text(title)}</option>`)}</select></label>
      <label class="tick"><input type="checkbox" checked=${by === 'me'} onChange=${(/** @type {any} */ event) => ask({ by: event.target.checked ? 'me' : '', cursor: '' })} />Only mine</label>
    </form>`;
}

/** Why nothing is listed. */
function Empty() {
  const { state, automation, by, cursor } = asked();
  const { tenant } = mine();
  if (cursor) return html`<p data-state="empty">There are no older runs.</p>`;
  if (!state && !automation && !by) return html`<p data-state="empty">No runs yet. They appear here when somebody starts an automation. <a href=${inside(tenant, 'automations')}>See the automations</a></p>`;
  const words = [state && `in the state “${named(state)[0]}”`, automation && `of ${automation}`, by && 'that you asked for'].filter(Boolean).join(', ');
  return html`<p data-state="empty">There are no runs ${words}. <a href=${inside(tenant, 'runs')}>Show all runs</a></p>`;
}

/** Newer runs are told, and shown when somebody wants them: a list does not move under the pointer. @param {{ first: string | undefined, again: () => void }} props */
function Newer({ first, again }) {
  const beat = useBeat(10);
  const count = useSignal(0);
  const { cursor, ...filters } = asked();
  useEffect(() => {
    if (beat === 0 || cursor) return;
    listRuns({ ...filters, limit: LIMIT }).then(({ runs }) => {
      const place = runs.findIndex(({ id }) => id === first);
      const newer = place < 0 ? runs.length : place;
      if (newer > 0 && count.peek() === 0) announce(`${counted(newer, 'newer run')}.`);
      count.value = newer;
    }, () => {});
  }, [beat]);
  useEffect(() => { count.value = 0; }, [first]);
  return count.value > 0 && html`<div class="actions"><button type="button" onClick=${() => { count.value = 0; again(); }}>${counted(count.value, 'newer run')}${count.value === LIMIT ? ' or more' : ''}</button></div>`;
}

export default function Runs() {
  const what = asked();
  const { path, query } = place.value;
  const older = (/** @type {string} */ cursor) => `${path}?${new URLSearchParams([...[...query].filter(([name]) => name !== 'cursor'), ['cursor', cursor]])}`;
  const newest = () => `${path}?${new URLSearchParams([...query].filter(([name]) => name !== 'cursor'))}`;
  return html`
    <${Page} title="Runs" state="runs">
      <${Filters} />
      <${Loaded} on=${JSON.stringify(what)} from=${() => listRuns({ ...what, limit: LIMIT })} waiting="Loading the runs…" lacking="The runs could not be listed"
        show=${(/** @type {Listed} */ { runs, next }, /** @type {() => void} */ again) => html`
          <${Newer} first=${runs[0]?.id} again=${again} />
          ${runs.length === 0 ? html`<${Empty} />` : html`<${RunsTable} runs=${runs} label="Runs" />`}
          ${(next || what.cursor) && html`<div class="actions">
            ${what.cursor && html`<a class="button" href=${newest()}>Newest</a>`}${next && html`<a class="button" href=${older(next)}>Older</a>`}</div>`}`} />
    <//>`;
}
