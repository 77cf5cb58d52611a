// One field of a form: its label, its hint, what is wrong with it, and its control.

import { html } from '../vendor/preact.js';
import { bytes, counted, text } from '../words/text.js';
import { FileControl } from './file.js';
import { now, zone } from '../words/time.js';
import { valueOf } from './fields.js';

/** @typedef {import('./fields.js').Field} Field */
/**
 * @typedef {object} Held what a field has to do with the form
 * @property {Field} field
 * @property {Record<string, any>} typed
 * @property {Record<string, string>} wrong
 * @property {(pointer: string, value: any) => void} set
 * @property {Record<string, { name: string, href: string }>} [samples]
 * @property {Record<string, string>} [lost] the names of files that were chosen before, by pointer
 */

/** The id of a field's control, to which the summary leads. @param {string} pointer */
export const idOf = (pointer) => `field${pointer.replaceAll('/', '-')}`;

/** The bounds that somebody should know before typing. @param {Field} field */
function bounds({ schema, kind }) {
  const { minimum, maximum, 'x-max-bytes': most, maxItems } = schema;
  if (kind === 'file') return most ? `At most ${bytes(most)}.` : '';
  if (kind === 'date') return 'As 2026-11-30.';
  if (kind === 'datetime') return `As 2026-11-30 14:05, in your zone (${zone(now.peek())}).`;
  if (kind === 'lines') return `One per line.${maxItems ? ` At most ${maxItems}.` : ''}`;
  if (kind !== 'number' || (minimum === undefined && maximum === undefined)) return '';
  if (minimum === undefined) return `At most ${maximum}.`;
  return maximum === undefined ? `At least ${minimum}.` : `From ${minimum} to ${maximum}.`;
}

/** A browser brings only the line into view in which one writes. @param {any} event */
export const shown = ({ target }) => target.scrollIntoView({ block: 'nearest' });

/** @param {{ held: Held, id: string, described: string | null }} props */
function Control({ held: { field, typed, set, wrong, samples, lost }, id, described }) {
  const { kind, pointer, schema, name } = field;
  const value = typed[pointer];
  const common = { id, name, 'aria-describedby': described, 'aria-invalid': wrong[pointer] ? 'true' : null };
  const put = (/** @type {any} */ event) => set(pointer, event.target.value);
  if (kind === 'file') return html`<${FileControl} field=${field} common=${common} value=${value} sample=${samples?.[name]} lost=${lost?.[pointer]} set=${(/** @type {any} */ file) => set(pointer, file)} />`;
  if (kind === 'area' || kind === 'lines') return html`<textarea ...${common} rows=${kind === 'lines' ? 5 : 4} spellcheck=${false} value=${value} onFocus=${shown} onInput=${put}></textarea>`;
  if (kind === 'select') return html`<select ...${common} value=${value} onChange=${put}><option value="">–</option>
    ${field.options.map((one) => html`<option key=${one.value} value=${String(one.value)} selected=${value === String(one.value)}>${one.title}</option>`)}</select>`;
  const type = schema['x-sensitive'] ? 'password' : 'text';
  const mode = kind === 'number' ? (schema.type === 'integer' ? 'numeric' : 'decimal') : schema.format === 'email' ? 'email' : schema.format === 'uri' ? 'url' : null;
  return html`<span class="unit"><input ...${common} type=${type} inputmode=${mode} autocomplete="off" spellcheck=${false} value=${value} onInput=${put} />${schema['x-unit'] && ` ${text(schema['x-unit'])}`}</span>`;
}

/** Radio buttons, or boxes of which several can be ticked. @param {{ held: Held, described: string | null }} props */
function Choices({ held: { field, typed, set, wrong }, described }) {
  const { pointer, kind, options } = field;
  const value = typed[pointer];
  const many = kind === 'ticks';
  const change = (/** @type {any} */ event) => {
    const { value: chosen, checked } = event.target;
    set(pointer, many ? [...value.filter((/** @type {string} */ other) => other !== chosen), ...(checked ? [chosen] : [])] : chosen);
  };
  return html`<div class="radios">${options.map((one, index) => html`
    <label key=${one.value}><input type=${many ? 'checkbox' : 'radio'} id=${index === 0 ? idOf(pointer) : undefined} name=${pointer} value=${String(one.value)} aria-describedby=${index === 0 ? described : null}
      aria-invalid=${wrong[pointer] && many ? 'true' : null} checked=${many ? value.includes(String(one.value)) : value === String(one.value)} onChange=${change} />${one.title}</label>`)}</div>`;
}

/** A field, or a group of them. @param {Held} held @returns {import('../vendor/preact.js').View} */
export function FieldView(held) {
  const { field, typed, wrong, set } = held;
  const { kind, pointer, title, required, schema } = field;
  if (kind === 'fixed') return null;
  const id = idOf(pointer);
  const hint = [text(schema.description), bounds(field)].filter(Boolean).join(' ');
  const described = [hint && `${id}-hint`, wrong[pointer] && `${id}-wrong`].filter(Boolean).join(' ') || null;
  const about = html`
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${wrong[pointer] && html`<p class="wrong" id=${`${id}-wrong`}>${wrong[pointer]}</p>`}`;
  const name = html`${title}${!required && kind !== 'tick' && html` <span class="meta">optional</span>`}`;
  if (kind === 'tick') {
    return html`<div class="field"><label class="tick"><input type="checkbox" id=${id} checked=${typed[pointer]} aria-describedby=${described}
      onChange=${(/** @type {any} */ event) => set(pointer, event.target.checked)} />${title}</label>${about}</div>`;
  }
  if (kind === 'group') return html`<fieldset class="card stack"><legend>${name}</legend>${about}${field.inner.map((one) => html`<${FieldView} key=${one.pointer} ...${held} field=${one} />`)}</fieldset>`;
  if (kind === 'radios' || kind === 'ticks') return html`<fieldset class="field"><legend>${name}</legend>${about}<${Choices} held=${held} described=${described} /></fieldset>`;
  const lines = kind === 'lines' ? valueOf(field, typed[pointer])?.length ?? 0 : 0;
  return html`
    <div class="field"><label for=${id}>${name}</label>${about}
      <${Control} held=${held} id=${id} described=${described} />
      ${lines > 0 && html`<p class="meta">You gave ${counted(lines, 'line')}.</p>`}
    </div>`;
}
