// The catalog: what can be started, by whom, and what it does to the world outside.

import { html, useEffect } from '../vendor/preact.js';
import { Loaded } from '../parts/load.js';
import { Page, announce } from '../parts/page.js';
import { get, inside } from '../shell/api.js';
import { ask, place } from '../shell/router.js';
import { mine } from '../shell/session.js';
import { EFFECTS, whyNot } from '../words/states.js';
import { counted, read, text } from '../words/text.js';

/** @typedef {import('../shell/api.js').Automation} Automation */

/** The connections that it needs, and whether there are any. @param {Automation} one */
const needs = (one) => one.connections.map(({ title, choices }) => (
  `${text(title)}: ${choices.length > 0 ? choices.map(({ name }) => text(name)).join(', ') : 'none is there. An administrator can add one'}`
));

/** @param {{ one: Automation }} props */
function Card({ one }) {
  const { tenant } = mine();
  const why = whyNot(one.can.start);
  const lacks = needs(one);
  return html`
    <li class="card stack">
      <h2><a href=${inside(tenant, 'automations', one.name)}>${one.title}</a></h2>
      <p>${one.summary}</p>
      <p class="meta">${EFFECTS[one.effect] ?? one.effect}${lacks.length === 0 ? ' · needs no connection' : ''}</p>
      ${lacks.map((line) => html`<p class="meta" key=${line}>${line}</p>`)}
      ${why && html`<p class="why">You cannot start it. ${why}</p>`}
    </li>`;
}

/** @param {{ all: Automation[] }} props */
function Catalog({ all }) {
  const { query } = place.value;
  const [words, effect] = [query.get('q') ?? '', query.get('effect') ?? ''];
  const fits = (/** @type {Automation} */ one) => (!effect || one.effect === effect)
    && words.toLowerCase().split(/\s+/).every((word) => `${one.title} ${one.summary} ${one.name}`.toLowerCase().includes(word));
  const shown = all.filter(fits);
  const sum = `${counted(shown.length, 'automation')} of ${all.length}`;
  useEffect(() => { if (words || effect) announce(`${sum}.`); }, [sum]);
  if (all.length === 0) return html`<p data-state="empty">The catalog is empty. Whoever runs this gateway puts automations into it.</p>`;
  return html`
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <label>Find <input type="search" value=${words} onInput=${(/** @type {any} */ event) => ask({ q: event.target.value })} /></label>
      <label>Effect <select value=${effect} onChange=${(/** @type {any} */ event) => ask({ effect: event.target.value })}>
        <option value="">Any</option>
        ${Object.entries(EFFECTS).map(([name, title]) => html`<option key=${name} value=${name} selected=${effect === name}>${title}</option>`)}
      </select></label>
      <span class="meta">${sum}</span>
    </form>
    ${shown.length === 0 ? html`<p data-state="empty">No automation fits what you look for. <a href=${place.value.path}>Show all</a></p>`
      : html`<ul class="cards">${shown.map((one) => html`<${Card} key=${one.name} one=${one} />`)}</ul>`}`;
}

export default function Automations() {
  const load = async () => (await get('/automations')).automations.map((/** @type {Automation} */ one) => read(one, 'name', 'title', 'summary', 'effect'));
  return html`
    <${Page} title="Automations" state="automations" lead=${html`<p class="lead">What can be run here, and what it does to your clouds.</p>`}>
      <${Loaded} from=${load} waiting="Loading the automations…" lacking="The automations could not be listed"
        show=${(/** @type {Automation[]} */ all) => html`<${Catalog} all=${all} />`} />
    <//>`;
}
