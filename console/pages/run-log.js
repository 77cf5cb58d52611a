// The whole log of a run as text. An address with a line's number opens there, and marks the line.

import { Action } from '../parts/controls.js';
import { Loaded } from '../parts/load.js';
import { Page } from '../parts/page.js';
import { at, download, inside, plain } from '../shell/api.js';
import { place } from '../shell/router.js';
import { mine } from '../shell/session.js';
import { html, useEffect, useRef } from '../vendor/preact.js';
import { counted } from '../words/text.js';

/** How many lines are a block that the browser paints when it comes into view. */
const BLOCK = 500;

/** @param {{ log: string }} props */
function Lines({ log }) {
  const wanted = Number(place.value.query.get('line'));
  const lines = log === '' ? [] : log.replace(/\n$/, '').split('\n');
  const marked = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { marked.current?.scrollIntoView({ block: 'center' }); }, []);
  const blocks = Array.from({ length: Math.ceil(lines.length / BLOCK) }, (_, index) => lines.slice(index * BLOCK, (index + 1) * BLOCK));
  if (lines.length === 0) return html`<p data-state="empty">Nothing was written.</p>`;
  return html`
    <p class="meta">${counted(lines.length, 'line')}</p>
    <div class="log">${blocks.map((block, index) => {
      const here = wanted - 1 - index * BLOCK;
      if (!(here >= 0 && here < block.length)) return html`<pre class="lines" key=${index}>${block.join('\n')}</pre>`;
      return html`<pre class="lines" key=${index}>${block.slice(0, here).map((line) => `${line}\n`).join('')}<mark ref=${marked}>${block[here]}</mark>${block.slice(here + 1).map((line) => `\n${line}`).join('')}</pre>`;
    })}</div>`;
}

/** @param {{ id: string }} props */
export default function RunLog({ id }) {
  const { tenant } = mine();
  const path = `${at('runs', id)}/log`;
  const lead = html`<p class="meta"><a href=${inside(tenant, 'runs', id)}>Back to the run</a></p>`;
  return html`
    <${Page} title="Log" state="run-log" lead=${lead}>
      <div class="actions"><${Action} does=${() => download(path, `${id}.log`)} what="The log was not downloaded" doing="Downloading…" done="The log is downloaded.">Download<//></div>
      <${Loaded} from=${() => plain(path)} waiting="Loading the log…" lacking="The log could not be shown" show=${(/** @type {string} */ log) => html`<${Lines} log=${log} />`} />
    <//>`;
}
