// A room that the role of whoever is here does not open: what it would need, and who can give it.

import { html } from '../vendor/preact.js';
import { Page } from '../parts/page.js';
import { mine } from '../shell/session.js';
import { right } from '../words/rights.js';

/** @param {{ scope: string }} props */
export default function Forbidden({ scope }) {
  const { role, tenantTitle } = mine();
  return html`
    <${Page} narrow title="You may not see this" state="forbidden">
      <p>It needs the right <code>${scope}</code>: ${right(scope).toLowerCase()}. You are ${role}, and that role does not have it.</p>
      <p>An administrator of ${tenantTitle} can give you another role. <a href="/">Go to the first page</a></p>
    <//>`;
}
