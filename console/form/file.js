// A field that takes a file: the browser's own control, the sample if there is one, and the first lines of what was chosen.

import { Problem } from '../parts/controls.js';
import { announce } from '../parts/page.js';
import { sampled } from '../shell/api.js';
import { html, useEffect, useRef, useSignal } from '../vendor/preact.js';
import { bytes } from '../words/text.js';

/** How much of a file is looked at to show its first lines. */
const [LINES, HEAD] = [5, 4096];

/** @param {{ file: File }} props */
function FirstLines({ file }) {
  const lines = useSignal(/** @type {string[]} */ ([]));
  useEffect(() => {
    let isHere = true;
    file.slice(0, HEAD).text().then((text) => { if (isHere) lines.value = text.split(/\r?\n/).slice(0, LINES); }, () => {});
    return () => { isHere = false; };
  }, [file]);
  return lines.value.length > 0 && html`<pre class="first" role="group" aria-label="First lines">${lines.value.join('\n')}</pre>`;
}

/**
 * @param {object} props
 * @param {import('./fields.js').Field} props.field
 * @param {Record<string, any>} props.common
 * @param {File | null} props.value
 * @param {{ name: string, href: string }} [props.sample]
 * @param {string} [props.lost] the name of the file that was chosen before
 * @param {(file: File | null) => void} props.set
 */
export function FileControl({ field, common, value, sample, lost, set }) {
  const control = useRef(/** @type {HTMLInputElement | null} */ (null));
  const state = useSignal(/** @type {{ busy?: boolean, error?: unknown }} */ ({}));
  const type = field.schema.contentMediaType ?? '';
  const take = async () => {
    if (!sample || state.value.busy) return;
    state.value = { busy: true };
    try {
      const file = await sampled(sample.href, sample.name);
      const chosen = new DataTransfer();
      chosen.items.add(file);
      if (control.current) control.current.files = chosen.files;
      set(file);
      announce(`The sample file ${sample.name} is chosen.`);
      state.value = {};
    } catch (error) {
      state.value = { error };
    }
  };
  return html`
    <div class="actions">
      <input type="file" ref=${control} ...${common} accept=${type === 'text/csv' ? '.csv,text/csv' : type} onChange=${(/** @type {any} */ event) => set(event.target.files[0] ?? null)} />
      ${sample && html`<button type="button" aria-disabled=${state.value.busy ? 'true' : null} onClick=${take}>${state.value.busy ? 'Loading the sample…' : 'Use the sample file'}</button>`}
    </div>
    ${!value && lost && html`<p class="meta">Choose ${lost} again: files are not kept.</p>`}
    ${value && html`<p class="meta">${value.name}, ${bytes(value.size)}</p>`}
    ${value && /^text\/|json$/.test(type) && html`<${FirstLines} file=${value} />`}
    ${state.value.error && html`<${Problem} what="The sample file was not loaded" error=${state.value.error} />`}`;
}
