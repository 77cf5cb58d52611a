// The whole view: the bar, what needs saying everywhere, and the page of this address.

import { html, signal, useEffect } from '../vendor/preact.js';
import { Action } from '../parts/controls.js';
import { Asking, Boundary, broken } from '../parts/page.js';
import { Notices } from './notices.js';
import { go, match, place, safePath } from './router.js';
import { signOut, who } from './session.js';

/** @typedef {(props: any) => import('../vendor/preact.js').View} PageView */

/** Loaded when they are first shown. @type {Record<string, () => Promise<{ default: PageView }>>} */
const PAGES = {
  'sign-in': () => import('../pages/sign-in.js'),
  'choose-tenant': () => import('../pages/choose-tenant.js'),
  home: () => import('../pages/home.js'),
  automations: () => import('../pages/automations.js'),
  automation: () => import('../pages/automation.js'),
  runs: () => import('../pages/runs.js'),
  run: () => import('../pages/run.js'),
  'run-log': () => import('../pages/run-log.js'),
  audit: () => import('../pages/audit.js'),
  account: () => import('../pages/account.js'),
  'no-access': () => import('../pages/no-access.js'),
  error: () => import('../pages/error.js'),
  'not-found': () => import('../pages/not-found.js'),
  'wrong-tenant': () => import('../pages/wrong-tenant.js'),
  forbidden: () => import('../pages/forbidden.js'),
  unknown: () => import('../pages/unknown.js'),
  broke: () => import('../pages/broke.js'),
};
const loaded = signal(/** @type {Record<string, PageView>} */ ({}));

/** @param {string} name */
async function load(name) {
  const found = (await PAGES[name]()).default;
  loaded.value = { ...loaded.value, [name]: found };
}

/** Pages that need no session: they are about not having one. */
const OPEN = ['choose-tenant', 'no-access', 'error'];

/** What the pages of a room ask of a role. @type {Record<string, string>} */
const ASKS = { automations: 'runs:read', automation: 'runs:read', runs: 'runs:read', run: 'runs:read', 'run-log': 'runs:read', audit: 'audit:read' };

/** Which page stands at this address, for whoever is here. @returns {{ name: string, tenant?: string, code?: string, id?: string, scope?: string, to?: string }} */
function chosen() {
  const { path, query } = place.value;
  const { page, ...rest } = match(path);
  const it = who.value;
  if (broken.value) return { name: 'broke' };
  if (OPEN.includes(page)) return { name: page, ...rest };
  if (it.state === 'asking') return { name: '' };
  if (it.state === 'unknown') return { name: 'unknown' };
  if (it.state === 'out') return { name: 'sign-in' };
  if (page === 'start') return { name: '', to: `/t/${encodeURIComponent(it.session.tenant)}` };
  if (page === 'sign-in' && !query.has('continue')) return { name: '', to: safePath(query.get('target')) };
  if (rest.tenant && rest.tenant !== it.session.tenant) return { name: 'wrong-tenant', ...rest };
  if (ASKS[page] && !it.session.scopes.includes(ASKS[page])) return { name: 'forbidden', scope: ASKS[page] };
  return { name: page, ...rest };
}

function Shown() {
  const { name, to, ...rest } = chosen();
  useEffect(() => { if (to) go(to, { replace: true }); }, [to]);
  useEffect(() => {
    if (name && !loaded.value[name]) load(name).catch((error) => { broken.value = error; });
  }, [name]);
  const View = loaded.value[name];
  if (View) return html`<${View} key=${`${name} ${rest.id ?? ''}`} ...${rest} />`;
  return html`<${Asking} what=${name ? 'Loading the page…' : 'Loading your session…'} />`;
}

/** The rooms of the bar. Nobody is led to one that their role does not open. */
const ROOMS = [['automations', 'Automations'], ['runs', 'Runs'], ['audit', 'Audit']];

/** @param {{ session: import('./session.js').Session }} props */
function Rooms({ session }) {
  const shown = ROOMS.filter(([room]) => session.scopes.includes(ASKS[room]));
  const base = `/t/${encodeURIComponent(session.tenant)}`;
  const { path } = place.value;
  return shown.length > 0 && html`
    <nav aria-label="Rooms">${shown.map(([room, word]) => {
      const to = `${base}/${room}`;
      const isHere = path === to || path.startsWith(`${to}/`);
      return html`<a key=${room} href=${to} aria-current=${path === to ? 'page' : isHere ? 'true' : null}>${word}</a>`;
    })}</nav>`;
}

function Bar() {
  const it = who.value;
  const session = it.state === 'in' ? it.session : null;
  return html`
    <header class="top"><div>
      <a class="brand" href="/">
        <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="1.6" d="M3 15V7a5 5 0 0 1 10 0v8M1 15h14M8 2v13" /></svg>
        Gatelet
      </a>
      ${session && html`
        <${Rooms} session=${session} />
        <div class="who">
          <span>${session.tenantTitle} · ${session.role}</span>
          <a href="/account" aria-current=${place.value.path === '/account' ? 'page' : null}>${session.name || 'Account'}</a>
          <${Action} does=${() => signOut()} what="You are still signed in" doing="Signing out…">Sign out<//>
        </div>`}
    </div></header>`;
}

export function App() {
  return html`
    <${Bar} />
    <${Notices} />
    <${Boundary}><${Shown} /><//>`;
}
