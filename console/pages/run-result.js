// What a run left: its result in the form that the automation declares, and its files.

import { Action } from '../parts/controls.js';
import { Facts } from '../parts/facts.js';
import { ResultTable } from '../parts/table.js';
import { at, download, get } from '../shell/api.js';
import { html, useEffect, useSignal } from '../vendor/preact.js';
import { bytes, counted, text } from '../words/text.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */
/** @typedef {import('../shell/api.js').ResultShape} Shape */

/** The rows of a table, however the script wrote them. @param {any} value @returns {Record<string, unknown>[] | null} */
function rowsOf(value) {
  const rows = Array.isArray(value) ? value : value?.rows;
  return Array.isArray(rows) ? rows.map((row) => Object(row)) : null;
}

/** The columns that are declared, or those that the rows have. @param {Shape | null} shape @param {Record<string, unknown>[]} rows */
function columnsOf(shape, rows) {
  if (shape?.columns) return shape.columns.map(({ name, title, unit }) => ({ name, title: unit ? `${text(title)} (${text(unit)})` : text(title) || name }));
  const names = [...new Set(rows.slice(0, 50).flatMap((row) => Object.keys(row)))];
  return names.map((name) => ({ name, title: name }));
}

/** @param {{ run: Run, shape: Shape | null }} props */
function Shown({ run, shape }) {
  const value = /** @type {any} */ (run.result);
  const rows = shape?.kind !== 'facts' && shape?.kind !== 'text' ? rowsOf(value) : null;
  if (rows) {
    const all = run.result_rows ?? rows.length;
    return html`
      <p>${all === 0 ? 'The table is empty: nothing was found.' : counted(all, 'row')}</p>
      ${all > 0 && html`<${ResultTable} columns=${columnsOf(shape, rows)} rows=${rows} all=${all} label="Result table" />`}
      <div class="actions"><${Action} does=${() => download(`${at('runs', run.id)}/result.csv`, `${text(run.automation.name)}-${run.id}.csv`)}
        what="The table was not downloaded" doing="Downloading…" done="The table is downloaded.">Download CSV<//></div>`;
  }
  if (value && typeof value === 'object' && !Array.isArray(value)) {
    return html`<${Facts} label="Result" pairs=${Object.entries(value).map(([name, one]) => /** @type {const} */ ([
      shape?.facts?.find((fact) => fact.name === name)?.title ?? name, html`<span dir="auto">${text(one)}</span>`]))} />`;
  }
  return html`<p class="said" dir="auto">${text(value)}</p>`;
}

/** @param {{ run: Run }} props */
export function Result({ run }) {
  const shape = useSignal(/** @type {Shape | null | undefined} */ (undefined));
  const has = run.result !== null && run.result !== undefined;
  useEffect(() => {
    // An automation that is gone or changed leaves the names that the result itself has.
    if (has) get(at('automations', text(run.automation.name))).then((one) => { shape.value = one.result ?? null; }, () => { shape.value = null; });
  }, [has]);
  if (!has || shape.value === undefined) return null;
  return html`<section aria-labelledby="result" data-part="result"><h2 id="result">Result</h2><${Shown} run=${run} shape=${shape.value} /></section>`;
}

/** @param {{ run: Run }} props */
export function Artifacts({ run }) {
  const all = run.artifacts ?? [];
  if (all.length === 0) return null;
  return html`
    <section aria-labelledby="artifacts" data-part="artifacts"><h2 id="artifacts">Files</h2>
      <ul class="rights card">${all.map((one) => html`
        <li key=${one.name}><span><strong>${text(one.name)}</strong> <span class="meta">${text(one.media_type)}, ${bytes(one.bytes)}</span><br /><span class="id meta">SHA-256 ${text(one.sha256)}</span></span>
          <${Action} does=${() => download(`${at('runs', run.id, 'artifacts', one.name)}`, text(one.name))} what="The file was not downloaded" doing="Downloading…" done="The file is downloaded.">Download<span class="unseen"> ${text(one.name)}</span><//></li>`)}</ul>
    </section>`;
}
