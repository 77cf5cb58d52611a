// Pairs of a name and a value.

import { html } from '../vendor/preact.js';

/** @typedef {import('../vendor/preact.js').View} View */

/** @param {{ pairs: (readonly [string, View] | false | null | undefined)[], label?: string }} props */
export function Facts({ pairs, label }) {
  return html`
    <dl class="facts" aria-label=${label}>
      ${pairs.map((pair) => pair && html`<div key=${pair[0]}><dt>${pair[0]}</dt><dd>${pair[1]}</dd></div>`)}
    </dl>`;
}
