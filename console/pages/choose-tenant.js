// For whoever belongs to several tenants: this sign-in is for one of them.

import { html, useSignal } from '../vendor/preact.js';
import { Loaded } from '../parts/load.js';
import { Page } from '../parts/page.js';
import { Problem } from '../parts/controls.js';
import { keep, preferences } from '../shell/preferences.js';
import { place } from '../shell/router.js';
import { chooseTenant, tenants as listed } from '../shell/account.js';
import { read } from '../words/text.js';

/** @typedef {{ id: string, title: string, region?: string, role?: string }} Tenant */

/** @param {{ tenants: Tenant[], slot: string }} props */
function Choice({ tenants, slot }) {
  const first = tenants.find(({ id }) => id === preferences.value.tenant) ?? tenants[0];
  const chosen = useSignal(first?.id ?? '');
  const state = useSignal(/** @type {{ busy: boolean, error?: unknown }} */ ({ busy: false }));
  /** @param {Event} event */
  const go = async (event) => {
    event.preventDefault();
    if (state.value.busy) return;
    state.value = { busy: true };
    try {
      const to = await chooseTenant(slot, chosen.value);
      keep({ tenant: chosen.value });
      location.replace(to);
    } catch (error) {
      state.value = { busy: false, error };
    }
  };
  return html`
    <form class="stack" onSubmit=${go}>
      <fieldset class="stack"><legend>Tenants that accept you</legend>
        <ul class="choices">${tenants.map(({ id, title, region, role }) => html`
          <li key=${id}><label class="choice">
            <input type="radio" name="tenant" value=${id} checked=${chosen.value === id} onChange=${() => { chosen.value = id; }} />
            <strong>${title}</strong> <span class="meta">${[id, role, region].filter(Boolean).join(' · ')}</span>
          </label></li>`)}</ul>
      </fieldset>
      <div class="actions"><button type="submit" class="primary" aria-disabled=${state.value.busy ? 'true' : null}>${state.value.busy ? 'Signing in…' : 'Continue'}</button></div>
      ${state.value.error && html`<${Problem} what="The tenant was not chosen" error=${state.value.error} />`}
    </form>`;
}

export default function ChooseTenant() {
  const asked = place.value.query.get('slot') ?? '';
  const slot = /^\d$/.test(asked) ? asked : '0';
  const lead = html`<p class="lead">You belong to several. This sign-in is for one of them; the choice is remembered in this browser.</p>`;
  return html`
    <${Page} narrow title="Choose a tenant" state="choose-tenant" lead=${lead}>
      <${Loaded} on=${slot} from=${async () => (await listed(slot)).map((one) => read(one, 'id', 'title'))} waiting="Loading your tenants…" lacking="Your tenants could not be listed"
        show=${(/** @type {Tenant[]} */ tenants) => html`<${Choice} tenants=${tenants} slot=${slot} />`} />
      <p class="meta"><a href="/">Start the sign-in again</a></p>
    <//>`;
}
