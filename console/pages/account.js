// The person's own: who they are, their session, their token, where else they are signed in, how things are shown.

import { html } from '../vendor/preact.js';
import { Action, Copy } from '../parts/controls.js';
import { Facts } from '../parts/facts.js';
import { Page } from '../parts/page.js';
import { returnTo } from '../shell/router.js';
import { gatelet, mine, signOut, stay } from '../shell/session.js';
import { right } from '../words/rights.js';
import { text } from '../words/text.js';
import { Exact } from '../words/time.js';
import { Preferences } from './account-preferences.js';
import { Sessions } from './account-sessions.js';
import { Token } from './account-token.js';

function ThisSession() {
  const session = mine();
  const { extend } = session.can;
  const prove = () => gatelet.signIn(session.provider, { returnTo: returnTo(), stepUp: true, maxAge: 0 });
  return html`
    <section aria-labelledby="session" data-part="session"><h2 id="session">This session</h2>
      <${Facts} label="This session" pairs=${[
        ['Signed in since', html`<${Exact} at=${session.begunAt} />`],
        ['Without use it ends', html`<${Exact} at=${session.idleEndsAt} />`],
        ['In any case it ends', html`<${Exact} at=${session.endsAt} />`],
        ['Last proof of who you are', session.authTime ? html`<${Exact} at=${session.authTime} />` : 'Your provider does not say'],
      ]} />
      <div class="actions">
        <${Action} does=${stay} what="The session was not extended" doing="Extending…" done="Your session is extended."
          barred=${extend?.allowed ? null : text(extend?.reason) || 'It cannot be extended.'}>Stay signed in<//>
        <button type="button" onClick=${prove}>Prove again who you are</button>
      </div>
    </section>`;
}

function You() {
  const session = mine();
  return html`
    <section aria-labelledby="you" data-part="you"><h2 id="you">Who you are</h2>
      <${Facts} label="Who you are" pairs=${[
        session.name && ['Name', session.name],
        ['Tenant', html`${session.tenantTitle} <code class="meta">${session.tenant}</code>`],
        ['Role', html`${session.role} <span class="meta">follows from your groups at the provider</span>`],
        session.region && ['Region', session.region],
        ['Signed in with', session.provider],
        ['Subject', html`<span class="id">${session.subject}</span> <${Copy} text=${session.subject} what="subject" />`],
      ]} />
    </section>`;
}

function Rights() {
  const { scopes } = mine();
  return html`
    <section aria-labelledby="rights" data-part="rights"><h2 id="rights">What your role lets you do</h2>
      ${scopes.length === 0 ? html`<p data-state="empty">Nothing yet: the role has no rights. An administrator of the tenant can give you another role.</p>`
        : html`<ul class="rights card">${scopes.map((scope) => html`<li key=${scope}>${right(scope)} <code>${scope}</code></li>`)}</ul>`}
      <p class="meta">These rights hold for the API of this gateway, and for tokens that your programs get from it. <a href="/.well-known/openapi.json">The API’s description</a></p>
    </section>`;
}

function Everywhere() {
  return html`
    <section aria-labelledby="everywhere"><h2 id="everywhere">Sign out everywhere</h2>
      <p>Ends all your sessions: here within 5 seconds, at other APIs at once if they follow revocations, else when the
        token of at most 15 minutes is over.</p>
      <div class="actions"><${Action} does=${() => signOut(true)} what="You are still signed in" doing="Signing out…">Sign out everywhere<//></div>
    </section>`;
}

export default function Account() {
  return html`
    <${Page} title="Account" state="account">
      <div class="columns">
        <div><${ThisSession} /><${Sessions} /><${Everywhere} /><${Token} /></div>
        <div><${You} /><${Rights} /><${Preferences} /></div>
      </div>
    <//>`;
}
