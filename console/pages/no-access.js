// The provider knows this person, and no tenant here lets them in. Which tenants there are is not said.

import { html } from '../vendor/preact.js';
import { Copy } from '../parts/controls.js';
import { Facts } from '../parts/facts.js';
import { Page } from '../parts/page.js';
import { place } from '../shell/router.js';
import { NO_ACCESS, said } from '../words/errors.js';
import { exact, now } from '../words/time.js';

/** What was looked at before the answer was no. @type {Record<string, string>} */
const CHECKED = {
  no_tenant: 'Gatelet compared the directory or organization that your provider named with those that its tenants accept.',
  no_role: 'Your tenant was found. None of your groups or roles at the provider stands for a role in it.',
  too_many_groups: 'Your tenant was found. Your provider left your groups out because there are too many, and a role would be a guess.',
  not_admitted: 'You were let in before. The rules of your tenant have changed since.',
  tenant_inactive: 'Your tenant was found, and is switched off.',
};

const opened = now.peek();

/** @param {{ why?: string }} props */
export default function NoAccess({ why }) {
  const { query } = place.value;
  const asked = why ?? query.get('why') ?? '';
  const code = NO_ACCESS.includes(asked) ? asked : 'no_tenant';
  const trace = /^[0-9a-f]{32}$/.test(query.get('trace') ?? '') ? String(query.get('trace')) : '';
  /** @type {[string, string][]} */
  const facts = [['Code', code], ...(trace ? [/** @type {[string, string]} */ (['Trace', trace])] : []), ['Time', exact(opened)], ['Gateway', location.origin]];
  const copied = facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  return html`
    <${Page} narrow title="You have no access here" state="no-access" lead=${html`<p class="lead">Your provider confirmed who you are. ${said(code).why}</p>`}>
      <section aria-labelledby="checked"><h2 id="checked">What was checked</h2><p>${CHECKED[code]}</p></section>
      <section aria-labelledby="send"><h2 id="send">What to send to your administrator</h2>
        <div class="card"><${Facts} pairs=${facts.map(([name, value]) => [name, html`<span class="id">${value}</span>`])} /></div>
        <div class="actions"><${Copy} text=${copied} what="facts for your administrator" label="Copy these facts" /></div>
      </section>
      <div class="actions"><a class="button" href="/sign-in">Sign in with another account</a></div>
    <//>`;
}
