// A table of what a run found. Whatever stands in it is text. It is sorted by its heads, and shows so many rows as one reads.

import { html, useSignal } from '../vendor/preact.js';
import { count, counted, text } from '../words/text.js';

/** @typedef {{ name: string, title: string }} Column */

/** How many rows are shown, and how much of a cell. */
const [ROWS, CELL] = [1000, 500];

/** @param {unknown} value */
const cell = (value) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : text(value));

/** @param {unknown} a @param {unknown} b */
const order = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : cell(a).localeCompare(cell(b), undefined, { numeric: true }));

/** @param {{ value: unknown }} props */
function Cell({ value }) {
  const whole = cell(value);
  const isNumber = typeof value === 'number';
  return html`<td dir="auto" class=${isNumber ? 'number' : null}>${whole.length > CELL ? html`${whole.slice(0, CELL)}… <span class="meta">${count(whole.length)} characters; the CSV has all of them</span>` : whole}</td>`;
}

/** @param {{ columns: Column[], rows: Record<string, unknown>[], all: number, label: string }} props how many rows there are in all */
export function ResultTable({ columns, rows, all, label }) {
  const sort = useSignal({ by: '', up: true });
  const { by, up } = sort.value;
  const sorted = by ? rows.toSorted((a, b) => order(a[by], b[by]) * (up ? 1 : -1)) : rows;
  const press = (/** @type {string} */ name) => { sort.value = { by: name, up: by === name ? !up : true }; };
  const isNumeric = (/** @type {string} */ name) => rows.every((row) => row[name] === null || row[name] === undefined || typeof row[name] === 'number');
  const direction = (/** @type {string} */ name) => (by !== name ? null : up ? 'ascending' : 'descending');
  return html`
    <div class="wide" role="region" tabindex="0" aria-label=${label}><table class="result">
      <thead><tr>${columns.map(({ name, title }) => html`
        <th scope="col" key=${name} class=${isNumeric(name) ? 'number' : null} aria-sort=${direction(name)}><button type="button" class="quiet" onClick=${() => press(name)}>${title}<span aria-hidden="true">${by === name ? (up ? ' ↑' : ' ↓') : ''}</span></button></th>`)}</tr></thead>
      <tbody>${sorted.slice(0, ROWS).map((row, at) => html`<tr key=${at}>${columns.map(({ name }) => html`<${Cell} key=${name} value=${row[name]} />`)}</tr>`)}</tbody>
    </table></div>
    ${all > ROWS && html`<p class="meta">The first ${counted(ROWS, 'row')} of ${count(all)} are shown. The CSV has all of them.</p>`}`;
}
