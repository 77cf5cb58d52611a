// The form that starts a run: kept while it is filled in, checked before it is sent, sent once.

import { FieldView, idOf } from '../form/field.js';
import { mistake } from '../form/check.js';
import { fieldsOf, inputsOf, leaves } from '../form/fields.js';
import { GateletError } from '../gatelet.js';
import { createRuns } from '../gatelet-runs.js';
import { Problem } from '../parts/controls.js';
import { announce } from '../parts/page.js';
import { inside, upload } from '../shell/api.js';
import { draftOf, keepDraft } from '../shell/preferences.js';
import { go } from '../shell/router.js';
import { gatelet, mine, reachable } from '../shell/session.js';
import { html, useEffect, useRef, useSignal } from '../vendor/preact.js';
import { text } from '../words/text.js';

/** @typedef {import('../form/fields.js').Field} Field */
/** @typedef {import('../form/fields.js').Typed} Typed */

const runs = createRuns(gatelet);

/** The connections to choose, as a field each. @param {import('../shell/api.js').Need[]} needs @returns {Field[]} */
const choices = (needs) => needs.map(({ name, title, choices: all }) => ({
  name, pointer: `/connections/${name}`, title: text(title), required: true, schema: {}, inner: [],
  kind: all.length > 5 ? 'select' : 'radios', options: all.map((one) => ({ value: text(one.name), title: text(one.name) })),
}));

/** What may be kept in the browser: nothing sensitive, and of files the names. @param {Field[]} all @param {Typed} typed */
function kept(all, typed) {
  const open = all.filter(({ schema }) => !schema['x-sensitive']);
  const files = open.filter(({ kind, pointer }) => kind === 'file' && typed[pointer]).map(({ pointer }) => [pointer, typed[pointer].name]);
  const values = open.filter(({ kind }) => kind !== 'file').map(({ pointer }) => [pointer, typed[pointer]]);
  return { values: Object.fromEntries(values), files: Object.fromEntries(files) };
}

/** Every wrong thing that was said about one of these fields, by its pointer; the rest stands under nothing. @param {GateletError} error @param {Field[]} all */
function told(error, all) {
  const found = /** @type {Record<string, string>} */ ({});
  for (const { pointer, message } of error.errors) {
    const field = all.find((one) => pointer === one.pointer || pointer.startsWith(`${one.pointer}/`));
    found[field?.pointer ?? ''] = field ? `${field.title}: ${text(message)}` : text(message);
  }
  return found;
}

/** @param {{ wrong: Record<string, string>, all: Field[], round: number }} props */
function Summary({ wrong, all, round }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { if (round > 0) box.current?.focus(); }, [round]);
  const lines = [...all.map(({ pointer }) => pointer), ''].filter((pointer) => wrong[pointer]);
  if (lines.length === 0) return null;
  const lead = (/** @type {string} */ pointer) => (/** @type {Event} */ event) => {
    event.preventDefault();
    document.getElementById(idOf(pointer))?.focus();
  };
  return html`
    <section class="notice error" role="alert" tabindex="-1" ref=${box} aria-labelledby="problem" data-state="wrong"><div>
      <h2 id="problem">There is a problem</h2>
      <ul>${lines.map((pointer) => html`<li key=${pointer}>${pointer ? html`<a href=${`#${idOf(pointer)}`} onClick=${lead(pointer)}>${wrong[pointer]}</a>` : wrong[pointer]}</li>`)}</ul>
    </div></section>`;
}

/**
 * @param {object} props
 * @param {import('../shell/api.js').Described} props.one
 * @param {Typed} props.first
 * @param {Record<string, string>} props.connections
 * @param {boolean} props.fresh whether what stands there comes from an earlier run, which counts more than a draft
 */
export function StartForm({ one, first, connections, fresh }) {
  const person = mine();
  const page = `automations/${one.name}`;
  const fields = fieldsOf(one.inputs);
  const needs = choices(one.connections);
  const all = [...needs, ...leaves(fields)];
  const draft = useRef(fresh ? null : draftOf(person, page)).current;
  const typed = useSignal(/** @type {Typed} */ ({
    ...Object.fromEntries(needs.map(({ pointer, name, options }) => [pointer, connections[name] ?? (options.length === 1 ? String(options[0].value) : '')])), ...first, ...draft?.values,
  }));
  const wrong = useSignal(/** @type {Record<string, string>} */ ({}));
  const state = useSignal(/** @type {{ busy: string, error?: unknown, round: number }} */ ({ busy: '', round: 0 }));
  // The key is made with the form: however often the same is sent, one run comes of it.
  const sending = useRef({ key: crypto.randomUUID(), body: '', files: new Map() }).current;

  const set = (/** @type {string} */ pointer, /** @type {any} */ value) => {
    typed.value = { ...typed.peek(), [pointer]: value };
    keepDraft(person, page, kept(all, typed.peek()));
    if (!wrong.peek()[pointer]) return;
    const field = all.find((known) => known.pointer === pointer);
    wrong.value = { ...wrong.peek(), [pointer]: (field && mistake(field, value)) ?? '' };
  };
  const refuse = (/** @type {Record<string, string>} */ found) => {
    wrong.value = found;
    state.value = { busy: '', round: state.peek().round + 1 };
  };
  const send = async () => {
    const given = { ...typed.peek() };
    for (const { pointer, kind } of all) {
      if (kind !== 'file' || !given[pointer]) continue;
      state.value = { ...state.peek(), busy: 'Sending the file…' };
      const file = given[pointer];
      if (!sending.files.has(file)) sending.files.set(file, await upload(file));
      given[pointer] = sending.files.get(file);
    }
    state.value = { ...state.peek(), busy: 'Starting…' };
    const what = { inputs: inputsOf(fields, given) ?? {}, connections: Object.fromEntries(needs.map(({ name, pointer }) => [name, given[pointer]])) };
    const body = JSON.stringify(what);
    // Something else than before is another run, so it has another key.
    if (sending.body && sending.body !== body) sending.key = crypto.randomUUID();
    sending.body = body;
    return runs.run(one.name, what, { key: sending.key });
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (state.peek().busy || !reachable.peek().ok) return;
    const found = Object.fromEntries(all.map((field) => [field.pointer, mistake(field, typed.peek()[field.pointer])]).filter(([, why]) => why));
    if (Object.keys(found).length > 0) return refuse(found);
    wrong.value = {};
    state.value = { busy: 'Starting…', round: state.peek().round };
    try {
      const run = await send();
      keepDraft(person, page, null);
      announce(`${text(one.title)} is started.`);
      go(inside(person.tenant, 'runs', run.id));
    } catch (error) {
      const known = error instanceof GateletError ? error : null;
      if (known && known.errors.length > 0) return refuse(told(known, all));
      state.value = { ...state.peek(), busy: '', error };
    }
  };
  const { busy, error, round } = state.value;
  const isUnknown = error instanceof GateletError && error.code === 'unavailable' && !error.status;
  const away = reachable.value.ok ? '' : 'Not connected: this cannot be sent now.';
  const held = { typed: typed.value, wrong: wrong.value, set, samples: one.samples, lost: draft?.files };
  return html`
    <form class="stack form" noValidate onSubmit=${submit} aria-label=${`Start ${text(one.title)}`}>
      <${Summary} wrong=${wrong.value} all=${all} round=${round} />
      ${[...needs, ...fields].map((field) => html`<${FieldView} key=${field.pointer} field=${field} ...${held} />`)}
      ${all.length === 0 && html`<p>It asks for nothing.</p>`}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled=${busy || away ? 'true' : null}>${busy || 'Start run'}</button>
        ${away && html`<span class="meta">${away}</span>`}
      </div>
      ${error && html`<${Problem} what=${isUnknown ? 'We do not know yet whether this was accepted' : 'The run was not started'} error=${error} />`}
    </form>`;
}
