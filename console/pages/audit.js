// What was recorded in the tenant beside its runs: who did what, to what, and how it ended. Times are exact, in UTC.

import { Loaded } from '../parts/load.js';
import { Page } from '../parts/page.js';
import { get, inside } from '../shell/api.js';
import { ask, place } from '../shell/router.js';
import { mine } from '../shell/session.js';
import { html } from '../vendor/preact.js';
import { text } from '../words/text.js';

/** @typedef {{ at_ms: number, actor: { kind: string, id: string }, action: string, resource: string, outcome: string, [more: string]: unknown }} Entry */
/** @typedef {{ records: Entry[], next: string | null }} Listed */

/** Who acted, by kind. @type {Record<string, string>} */
const ACTORS = { session: 'Session', schedule: 'Schedule', system: 'Gateway' };

/** "2026-11-22 12:04:07.123". @param {number} ms */
const utc = (ms) => (Number.isFinite(ms) ? new Date(ms).toISOString().replace('T', ' ').replace('Z', '') : '');

/** The members that have no column of their own. @param {Entry} entry */
const others = ({ at_ms: _at, actor: _actor, action: _action, resource: _resource, outcome: _outcome, ...rest }) => Object.entries(rest);

/** @param {{ entry: Entry }} props */
function Row({ entry }) {
  const { kind, id } = Object(entry.actor);
  const more = others(entry);
  return html`
    <tr>
      <td><span class="label">Time (UTC) </span><span class="id">${utc(entry.at_ms)}</span></td>
      <td><span class="label">Who </span>${ACTORS[text(kind)] ?? text(kind)} <code>${text(id)}</code></td>
      <th scope="row"><span class="label">Did what </span><code>${text(entry.action)}</code></th>
      <td><span class="label">To what </span><code>${text(entry.resource)}</code></td>
      <td><span class="label">Outcome </span>${text(entry.outcome)}
        ${more.length > 0 && html`<details><summary>All fields</summary><dl class="facts">${more.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd class="id">${text(value)}</dd></div>`)}</dl></details>`}</td>
    </tr>`;
}

/** A moment of the address, as it is typed. @param {string} name */
function moment(name) {
  const seconds = Number(place.value.query.get(name));
  return seconds > 0 ? new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ') : '';
}

/** @param {{ name: string, title: string }} props */
const Moment = ({ name, title }) => html`<label>${title} <input type="text" placeholder="2026-11-30 14:05" value=${moment(name)} onChange=${(/** @type {any} */ event) => {
  const at = Date.parse(`${event.target.value.trim().replace(' ', 'T')}Z`);
  ask({ [name]: Number.isNaN(at) ? '' : String(Math.floor(at / 1000)), cursor: '' });
}} /></label>`;

export default function Audit() {
  const { path, query } = place.value;
  const { tenant, tenantTitle } = mine();
  const what = Object.fromEntries(['from', 'to', 'cursor'].map((name) => [name, query.get(name) ?? '']));
  const older = (/** @type {string} */ cursor) => `${path}?${new URLSearchParams([...[...query].filter(([name]) => name !== 'cursor'), ['cursor', cursor]])}`;
  return html`
    <${Page} title="Audit" state="audit" lead=${html`<p class="lead">What was recorded in ${tenantTitle} beside its runs, of which each has its own. Nobody has verified here that nothing is missing.</p>`}>
      <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <${Moment} name="from" title="From (UTC)" /><${Moment} name="to" title="To (UTC)" />
      </form>
      <${Loaded} on=${JSON.stringify(what)} from=${() => get('/audit', what)} waiting="Loading the records…" lacking="The records could not be listed"
        show=${(/** @type {Listed} */ { records, next }) => html`
          ${records.length === 0 ? html`<p data-state="empty">Nothing was recorded in this time${next ? ', as far as was looked' : what.from || what.to ? '' : ', the last day'}. <a href=${inside(tenant, 'audit')}>Show the newest</a></p>` : html`
            <table class="blocks" aria-label="Records">
              <thead><tr><th scope="col">Time (UTC)</th><th scope="col">Who</th><th scope="col">Did what</th><th scope="col">To what</th><th scope="col">Outcome</th></tr></thead>
              <tbody>${records.map((entry, at) => html`<${Row} key=${`${entry.at_ms} ${at}`} entry=${entry} />`)}</tbody>
            </table>`}
          ${next && html`<div class="actions"><a class="button" href=${older(next)}>Older</a></div>`}`} />
    <//>`;
}
