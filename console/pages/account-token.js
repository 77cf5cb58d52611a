// The access token of this page: what stands in it and until when it holds. The token itself is not shown.

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { Action, Copy } from '../parts/controls.js';
import { Facts } from '../parts/facts.js';
import { Loaded } from '../parts/load.js';
import { gatelet } from '../shell/session.js';
import { CLAIMS, MOMENTS } from '../words/rights.js';
import { text } from '../words/text.js';
import { Exact, clock, now, span } from '../words/time.js';

/** @typedef {Record<string, unknown>} Claims */

/** A line for a terminal, where everything runs on this computer. */
const forCurl = async () => `curl -H 'authorization: Bearer ${await gatelet.token()}' ${location.origin}/api/me`;
const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);

/** @param {{ at: number }} props */
const Left = ({ at }) => `, in ${span(at - now.value)}`;

/** @param {{ claims: Claims }} props */
function Shown({ claims }) {
  const end = Number(claims.exp);
  /** @param {string} name */
  const value = (name) => (MOMENTS.includes(name) && Number.isFinite(claims[name])
    ? html`<${Exact} at=${claims[name]} />` : html`<span class="id">${text(claims[name])}</span>`);
  return html`
    <p>It holds until ${clock(end)}<span aria-hidden="true"><${Left} at=${end} /></span>. This page renews it about a minute before.</p>
    <details><summary>What stands in it</summary>
      <${Facts} label="Claims" pairs=${Object.keys(claims).map((name) => /** @type {const} */ ([
        name, html`${value(name)} <span class="meta">${Object.hasOwn(CLAIMS, name) ? CLAIMS[name] : 'A claim that an API asked for'}</span>`]))} />
    </details>`;
}

export function Token() {
  const version = useSignal(0);
  useEffect(() => gatelet.on('token', () => { version.value += 1; }), []);
  return html`
    <section aria-labelledby="token" data-part="token"><h2 id="token">Access token</h2>
      <p class="lead">What this page shows to the API of this gateway. It is kept in memory only.</p>
      <${Loaded} on=${version.value} from=${() => gatelet.claims()} waiting="Loading the token…" lacking="There is no token"
        show=${(/** @type {Claims} */ claims) => html`<${Shown} claims=${claims} />`} />
      <div class="actions">
        <${Action} does=${() => gatelet.token(undefined, { fresh: true })} what="The token was not renewed" doing="Renewing…" done="The token is renewed.">Renew now<//>
        ${isLoopback && html`<${Copy} text=${forCurl} what="a curl command with the token" label="Copy for curl" />`}
      </div>
    </section>`;
}
