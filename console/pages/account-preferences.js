// How things are shown in this browser.

import { html } from '../vendor/preact.js';
import { keep, preferences } from '../shell/preferences.js';

/** @typedef {'times' | 'theme' | 'motion'} Name */

/** @type {[Name, string, [string, string][]][]} */
const CHOICES = [
  ['theme', 'Theme', [['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']]],
  ['times', 'Times', [['local', 'Local'], ['utc', 'UTC']]],
  ['motion', 'Motion', [['system', 'As the system'], ['reduced', 'None']]],
];

/** @param {{ name: Name, title: string, choices: [string, string][] }} props */
function Choice({ name, title, choices }) {
  return html`
    <fieldset><legend>${title}</legend>
      <div class="radios">${choices.map(([value, words]) => html`
        <label key=${value}><input type="radio" name=${name} value=${value} checked=${preferences.value[name] === value}
          onChange=${() => keep({ [name]: value })} />${words}</label>`)}</div>
    </fieldset>`;
}

export function Preferences() {
  return html`
    <section aria-labelledby="preferences" data-part="preferences"><h2 id="preferences">Preferences</h2>
      ${CHOICES.map(([name, title, choices]) => html`<${Choice} key=${name} ...${{ name, title, choices }} />`)}
      <p class="meta">Kept in this browser only.</p>
    </section>`;
}
