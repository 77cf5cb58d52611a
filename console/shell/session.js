// Who is here, as the gateway last said. Kept in memory only, and gone from it as soon as the person is.

import { batch, signal } from '../vendor/preact.js';
import { createGatelet } from '../gatelet.js';
import { read, text } from '../words/text.js';
import { dropDrafts } from './preferences.js';
import { arrive } from './router.js';

/** @typedef {import('../gatelet.js').Session} Session */
/** @typedef {import('../gatelet.js').EndReason | 'everywhere'} Reason */
/**
 * @typedef {{ state: 'asking' } | { state: 'in', session: Session } | { state: 'unknown', error: unknown }
 *   | { state: 'out', reason?: Reason, at?: number }} Who
 */

export const gatelet = createGatelet();

/** @type {import('../vendor/preact.js').Signal<Who>} */
export const who = signal(/** @type {Who} */ ({ state: 'asking' }));
/** Whether the gateway answers, when it last did, and when it is asked again. */
export const reachable = signal({ ok: true, asOf: gatelet.now(), retryAt: /** @type {number | null} */ (null) });
/** The end of the session that is near. */
export const expiring = signal(/** @type {import('../gatelet.js').Events['expiring'] | null} */ (null));

/** How often the session is looked at while the page is in view, and how often input counts as use, in seconds. */
const [LOOK_EVERY, USE_EVERY] = [60, 300];

/** The session, where a page is shown only to somebody who has one. @returns {Session} */
export function mine() {
  const it = who.value;
  if (it.state !== 'in') throw new Error('this page is for people who are signed in');
  return it.session;
}

/** Whether the person's role covers this. @param {string} scope */
export const may = (scope) => mine().scopes.includes(scope);

/** Asks who is here. An outage is no answer: whoever was here stays. */
export async function look(fresh = false) {
  try {
    const session = await gatelet.session({ fresh });
    batch(() => {
      reachable.value = { ok: true, asOf: gatelet.now(), retryAt: null };
      if (session) enter(session);
      else if (who.peek().state !== 'out') leave(who.peek().state === 'in' ? 'revoked' : undefined);
    });
  } catch (error) {
    if (['asking', 'unknown'].includes(who.peek().state)) who.value = { state: 'unknown', error };
  }
}

/** @param {Session} session */
function enter(session) {
  const plain = read(session, 'subject', 'sessionId', 'tenant', 'tenantTitle', 'role', 'provider', 'name', 'region');
  dropDrafts(plain);
  who.value = { state: 'in', session: { ...plain, scopes: session.scopes.map(text) } };
}

/** Forgets the person and says why they are gone. @param {Reason} [reason] */
function leave(reason) {
  expiring.value = null;
  who.value = { state: 'out', reason, at: reason && gatelet.now() };
  if (reason) arrive();
}

/** Signs out here, or everywhere. Rejects if the gateway did not do it. */
export async function signOut(everywhere = false) {
  leaving = everywhere ? 'everywhere' : 'here';
  try {
    await gatelet.signOut({ everywhere });
    if (who.peek().state === 'in') leave(leaving);
  } finally {
    leaving = undefined;
  }
}
/** @type {Reason | undefined} */
let leaving;

/** Keeps the session from going idle. Rejects if the gateway did not do it. */
export async function stay() {
  used = gatelet.now();
  const session = await gatelet.extend();
  expiring.value = null;
  enter(session);
}
let used = gatelet.now();

/** What a person types or presses is use; what the page asks by itself is not. */
function onUse() {
  const it = who.peek();
  const due = gatelet.now() - used > USE_EVERY && !document.querySelector('dialog[open]');
  if (due && it.state === 'in' && it.session.can.extend.allowed) stay().catch(() => look(true));
}

/**
 * Follows the session from here on.
 * @param {HTMLElement} app what shows the person; it is hidden while the browser keeps the left page
 */
export function watchSession(app) {
  gatelet.on('ended', ({ reason }) => leave(leaving ?? reason));
  gatelet.on('session', (session) => {
    if (session) enter(session);
    else if (who.peek().state === 'unknown') leave();
  });
  gatelet.on('connection', ({ ok, retryAt }) => {
    reachable.value = { ok, asOf: ok ? gatelet.now() : reachable.peek().asOf, retryAt };
  });
  gatelet.on('expiring', (what) => { expiring.value = what; });
  addEventListener('pagehide', () => {
    app.hidden = true;
    who.value = { state: 'asking' };
  });
  addEventListener('pageshow', async ({ persisted }) => {
    if (persisted) await look(true);
    app.hidden = false;
  });
  setInterval(() => { if (!document.hidden && reachable.peek().ok) void look(true); }, LOOK_EVERY * 1000);
  for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, onUse, { passive: true });
}
