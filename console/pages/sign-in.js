// Sign-in, at whatever address somebody asked for. Where it leads is in the links, so the browser's own tools work.

import { html } from '../vendor/preact.js';
import { Loaded } from '../parts/load.js';
import { Page } from '../parts/page.js';
import { providers } from '../shell/account.js';
import { keep, preferences } from '../shell/preferences.js';
import { match, place, returnTo, safePath } from '../shell/router.js';
import { who } from '../shell/session.js';
import { read } from '../words/text.js';
import { clock } from '../words/time.js';

/** @typedef {import('../shell/account.js').Provider} Provider */
/** @typedef {NonNullable<Provider['people']>[number]} Person */

/** Why somebody who was here is gone. @type {Record<import('../shell/session.js').Reason, [string, string]>} */
const GONE = {
  here: ['You are signed out', 'This browser has forgotten your session.'],
  everywhere: ['You are signed out everywhere', 'All your sessions have ended, and their tokens are taken back.'],
  'other-tab': ['You signed out in another tab', 'What you saw here has left this tab too.'],
  idle: ['Your session ended', 'It was not used for a while.'],
  absolute: ['Your session ended', 'It had reached its longest.'],
  revoked: ['Your session was ended', 'An administrator ended it, or you did from another browser.'],
  provider: ['Your session was ended', 'Your provider ended it.'],
};

/** Where one returns to: the address asked for, or what the address of `/sign-in` names. */
function target() {
  const { path, query } = place.value;
  return path === '/sign-in' ? safePath(query.get('target')) : returnTo();
}

/** The request of an application that waits for a provider to be chosen, if it is one of ours. */
function waiting() {
  const asked = place.value.query.get('continue');
  return place.value.path === '/sign-in' && asked?.startsWith('/auth/authorize?') ? asked : null;
}

/** What the gateway's chooser was asked for beside the target: it goes on to the provider that is chosen. */
const CARRIED = ['tenant', 'max_age', 'acr', 'step_up', 'login_hint'];

/** @param {string} provider @param {string} [hint] */
function address(provider, hint) {
  const asked = waiting();
  if (asked) {
    const url = new URL(asked, location.origin);
    url.searchParams.set('provider', provider);
    return url.pathname + url.search;
  }
  const { tenant } = match(target().split('?')[0]);
  const onward = new URLSearchParams({ target: target(), ...(tenant && { tenant }) });
  const { path, query } = place.value;
  for (const [name, value] of path === '/sign-in' ? query : []) {
    // A target that is no path is a name of the registry.
    if (CARRIED.includes(name) || (name === 'target' && /^[\w-]+$/.test(value))) onward.set(name, value);
  }
  if (hint) onward.set('login_hint', hint);
  return `/auth/login/${encodeURIComponent(provider)}?${onward}`;
}

/** @param {{ provider: Provider, last: boolean }} props */
function Choice({ provider, last }) {
  return html`
    <a class="choice" href=${address(provider.name)} onClick=${() => keep({ provider: provider.name })}>
      <strong>${provider.title}</strong>${last && html`<span class="badge">used last time</span>`}
    </a>`;
}

/** @param {{ provider: string, person: Person }} props */
function Prepared({ provider, person }) {
  return html`
    <a class="choice" href=${address(provider, person.login_hint)} onClick=${() => keep({ provider })}>
      <strong>${person.name}</strong> <span class="meta">${person.tenant} · ${person.role}</span>
    </a>`;
}

/** @param {{ listed: { providers: Provider[], local?: boolean } }} props */
function Choices({ listed }) {
  const used = preferences.value.provider;
  const listing = listed.providers.map((one) => read(one, 'name', 'title')).sort((a, b) => Number(b.name === used) - Number(a.name === used));
  const people = listing.flatMap(({ name, people: all }) => (all ?? []).map((person) => ({ provider: name, person: read(person, 'name', 'tenant', 'role', 'login_hint') })));
  people.sort((a, b) => Number(b.person.role === 'editor') - Number(a.person.role === 'editor'));
  if (listing.length === 0) return html`<p data-state="empty">No identity provider is set up. Whoever runs this gateway adds one to its registry.</p>`;
  return html`
    ${people.length > 0 && html`
      <section aria-labelledby="people"><h2 id="people">As one of the prepared people</h2>
        <ul class="choices">${people.map((one) => html`<li key=${one.person.login_hint}><${Prepared} ...${one} /></li>`)}</ul>
      </section>`}
    <section aria-labelledby="providers"><h2 id="providers">${people.length > 0 ? 'Or at the provider' : 'Choose who vouches for you'}</h2>
      <ul class="choices">${listing.map((one) => html`<li key=${one.name}><${Choice} provider=${one} last=${one.name === used} /></li>`)}</ul>
    </section>
    ${listed.local && html`<p class="meta">Local: nothing here leaves this computer.</p>`}`;
}

export default function SignIn() {
  const it = who.value;
  const gone = it.state === 'out' && it.reason ? GONE[it.reason] : null;
  const at = it.state === 'out' && it.at ? ` at ${clock(it.at)}` : '';
  const back = target();
  const lead = html`
    ${gone && html`<p class="lead">${gone[1]}</p>`}
    ${waiting() && html`<p class="lead">An application waits for you to sign in. Afterwards you are back in it.</p>`}
    ${!waiting() && back !== '/' && html`<p class="lead">${gone ? 'Signing in again brings you back to' : 'Afterwards you are back at'} <code>${back}</code>.</p>`}`;
  return html`
    <${Page} narrow title=${gone ? gone[0] + at : 'Sign in'} state=${gone ? 'ended' : 'sign-in'} lead=${lead}>
      ${gone && html`<h2 class="unseen">Sign in again</h2>`}
      <${Loaded} from=${providers} waiting="Loading the providers…" lacking="The providers could not be listed"
        show=${(/** @type {any} */ listed) => html`<${Choices} listed=${listed} />`} />
    <//>`;
}
