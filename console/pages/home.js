// The first page of a tenant: who one is here, what that allows, and where to go next.

import { html } from '../vendor/preact.js';
import { Facts } from '../parts/facts.js';
import { Page } from '../parts/page.js';
import { mine } from '../shell/session.js';
import { Exact } from '../words/time.js';
import { right } from '../words/rights.js';

export default function Home() {
  const session = mine();
  const { name } = session;
  const lead = html`<p class="lead">${name ? `${name}, you` : 'You'} act here as <strong>${session.role}</strong>.</p>`;
  const signedIn = html`<${Exact} at=${session.begunAt} />`;
  return html`
    <${Page} title=${session.tenantTitle} state="home" lead=${lead}>
      <div class="columns">
        <div>
          <section aria-labelledby="rights"><h2 id="rights">What your role lets you do</h2>
            ${session.scopes.length === 0 && html`<p data-state="empty">Nothing yet: the role has no scopes. An administrator of the tenant can give you another role.</p>`}
            <ul class="rights card">${session.scopes.map((scope) => html`<li key=${scope}>${right(scope)} <code>${scope}</code></li>`)}</ul>
            <p class="meta">These rights hold for the API of this gateway, and for tokens that your programs get from it.</p>
          </section>
          <section aria-labelledby="next"><h2 id="next">Next</h2>
            <ul class="choices">
              <li><a class="choice" href="/account"><strong>Your account</strong> <span class="meta">session, access token, other browsers, preferences</span></a></li>
              <li><a class="choice" href="/.well-known/openapi.json"><strong>The API’s description</strong> <span class="meta">OpenAPI, for your own programs</span></a></li>
            </ul>
          </section>
        </div>
        <div><section aria-labelledby="you"><h2 id="you">Who you are here</h2>
          <${Facts} pairs=${[
            name && ['Name', name],
            ['Tenant', html`${session.tenantTitle} <code class="meta">${session.tenant}</code>`],
            ['Role', session.role],
            session.region && ['Region', session.region],
            ['Signed in with', session.provider],
            ['Since', signedIn],
          ]} />
        </section></div>
      </div>
    <//>`;
}
