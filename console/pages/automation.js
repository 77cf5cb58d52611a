// One automation: what it does, and the form with which it is started.

import { fieldsOf, filled, leaves } from '../form/fields.js';
import { Facts } from '../parts/facts.js';
import { Loaded } from '../parts/load.js';
import { Page } from '../parts/page.js';
import { at, get, inside } from '../shell/api.js';
import { place } from '../shell/router.js';
import { mine } from '../shell/session.js';
import { html } from '../vendor/preact.js';
import { BUSY, EFFECTS, LEVELS, whyNot } from '../words/states.js';
import { counted, text } from '../words/text.js';
import { Exact, span } from '../words/time.js';
import { StartForm } from './automation-form.js';

/** @typedef {import('../shell/api.js').Described} Described */
/** @typedef {import('../gatelet-runs.js').Run} Run */

/** @param {{ schedule: Described['schedules'][number] }} props */
const ByItself = ({ schedule }) => html`<span><code>${text(schedule.name)}</code>, every ${span(schedule.every_s)}, next <${Exact} at=${schedule.next_at} /></span>`;

/** @param {{ one: Described }} props */
function About({ one }) {
  const { limit, on_busy: busy } = one.concurrency;
  const { minimum, here } = one.sandbox;
  return html`
    <section aria-labelledby="about"><h2 id="about">What it does</h2>
      <${Facts} label="What it does" pairs=${[
        ['Effect', EFFECTS[one.effect] ?? text(one.effect)],
        ...one.connections.map((need) => /** @type {const} */ ([text(need.title), need.may.length > 0 ? html`<span>may <code>${need.may.map(text).join(', ')}</code></span>` : text(need.kind)])),
        ['Isolation', `${LEVELS[minimum] ?? ''} (${minimum}) or better${here === null ? '' : `; here ${LEVELS[here] ?? ''} (${here})`}`],
        ['Time limit', `${span(one.timeout_s)}, ${counted(one.attempts, 'try', 'tries')}`],
        ['At a time', `${limit === 1 ? 'One run. If one is going on' : `${limit} runs. If as many are going on`}, ${BUSY[busy] ?? text(busy)}.`],
        ...one.schedules.map((schedule) => /** @type {const} */ (['By itself', html`<${ByItself} schedule=${schedule} />`])),
        ['Version', html`${text(one.version)} <code class="meta">${text(one.digest).slice(0, 12)}</code>`],
      ]} />
    </section>`;
}

/** What an earlier run was given, and what of it cannot be given again. @param {Described} one @param {Run} run */
function carried(one, run) {
  const fields = leaves(fieldsOf(one.inputs));
  const gone = fields.filter(({ kind, schema }) => kind === 'file' || schema['x-sensitive']).map(({ title, kind }) => `${title} (${kind === 'file' ? 'files are chosen anew' : 'it is sensitive'})`);
  const known = Object.keys(one.inputs.properties ?? {});
  const dropped = Object.keys(run.inputs ?? {}).filter((name) => !known.includes(name)).map((name) => `${name} (the automation no longer asks for it)`);
  const inputs = Object.fromEntries(Object.entries(run.inputs ?? {}).filter(([name]) => !one.inputs.properties?.[name]?.['x-sensitive']));
  return { inputs, connections: run.connections ?? {}, lost: [...gone, ...dropped] };
}

/** What the address says about fields: `in.name=value`, never for what is sensitive. @param {Described} one */
function addressed(one) {
  const pairs = [...place.peek().query].filter(([name]) => name.startsWith('in.')).map(([name, value]) => [name.slice(3), value]);
  return Object.fromEntries(pairs.filter(([name]) => {
    const schema = one.inputs.properties?.[name];
    return schema && !schema['x-sensitive'] && schema.type !== 'object' && schema.type !== 'array';
  }));
}

/** @param {string} name @param {string | null} from */
async function load(name, from) {
  const asked = from ? get(at('runs', from)).catch((error) => ({ error })) : null;
  const one = /** @type {Described} */ (await get(at('automations', name)));
  const earlier = await asked;
  const known = earlier && !earlier.error && earlier.automation.name === one.name ? carried(one, earlier) : null;
  const inputs = { ...known?.inputs, ...addressed(one) };
  return { one, first: filled(fieldsOf(one.inputs), inputs), connections: known?.connections ?? {}, from, known, isLost: Boolean(from && !known) };
}

/** @param {{ loaded: Awaited<ReturnType<typeof load>> }} props */
function Shown({ loaded }) {
  const { one, known, isLost } = loaded;
  const why = whyNot(one.can.start);
  const missing = one.connections.filter(({ choices }) => choices.length === 0);
  const barred = why ?? (missing.length > 0 ? `It needs a connection that is not there: ${missing.map(({ title }) => text(title)).join(', ')}. An administrator can add it.`
    : one.sandbox.here !== null && one.sandbox.here < one.sandbox.minimum ? `This host reaches isolation ${one.sandbox.here}; ${one.sandbox.minimum} is needed. Whoever runs this gateway can move it.` : null);
  return html`
    <div class="columns">
      <div>
        ${known && html`<div class="notice" data-state="carried"><div><p><strong>Filled from an earlier run.</strong> Starting makes a new run.</p>
          ${known.lost.length > 0 && html`<p>Not carried over: ${known.lost.join(', ')}.</p>`}</div></div>`}
        ${isLost && html`<div class="notice" data-state="lost"><p>The earlier run could not be read, so nothing is filled in from it.</p></div>`}
        ${barred ? html`<div class="notice" data-state="barred"><p><strong>You cannot start this automation.</strong> ${barred}</p></div>`
          : html`<${StartForm} one=${one} first=${loaded.first} connections=${loaded.connections} fresh=${Boolean(known)} />`}
      </div>
      <div><${About} one=${one} /></div>
    </div>`;
}

/** @param {{ id: string }} props */
export default function AutomationPage({ id }) {
  const from = place.value.query.get('from');
  const { tenant } = mine();
  return html`
    <${Loaded} from=${() => load(id, from)} on=${from} waiting="Loading the automation…" lacking="The automation could not be shown"
      frame=${(/** @type {any} */ inner, /** @type {any} */ loaded) => html`
        <${Page} title=${loaded ? text(loaded.one.title) : 'Automation'} state=${loaded ? 'automation' : 'loading'} lead=${html`
          <p class="lead">${loaded && text(loaded.one.summary)}</p><p class="meta"><a href=${inside(tenant, 'automations')}>All automations</a></p>`}>${inner}<//>`}
      show=${(/** @type {any} */ loaded) => html`<${Shown} loaded=${loaded} />`} />`;
}
