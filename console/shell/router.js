// Where the page is. The address says all of it; links are links, and the browser's own buttons work.

import { signal } from '../vendor/preact.js';

/** Paths that the server answers itself: a link there leaves the console. */
const OF_SERVER = ['api', 'auth', '.well-known', 'assets', 'healthz', 'attempts'];

const here = () => ({ path: location.pathname, query: new URLSearchParams(location.search) });

/** The place that is shown. */
export const place = signal(here());
/** Counts arrivals: after each, the new page's heading takes the focus. */
export const arrivals = signal(0);

/** Path and query, to come back to. */
export const returnTo = () => location.pathname + location.search;

/** Goes to a path of the console. @param {string} to @param {{ replace?: boolean }} [how] */
export function go(to, { replace = false } = {}) {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  if (!replace) scrollTo(0, 0);
  arrive();
}

/** Shows what the address says, and lets the heading take the focus. */
export function arrive() {
  place.value = here();
  arrivals.value += 1;
}

/** Puts what a page was asked for into its address, without leaving the page. @param {Record<string, string>} change */
export function ask(change) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(change)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  history.replaceState(null, '', url.pathname + url.search);
  place.value = here();
}

/** @param {URL} url */
const isOurs = (url) => url.origin === location.origin && !OF_SERVER.includes(url.pathname.split('/')[1] ?? '');

/** A path of the console from the address, or the first page. @param {string | null} text */
export function safePath(text) {
  if (!text?.startsWith('/') || text.startsWith('//') || text.includes('\\')) return '/';
  const url = new URL(text, location.origin);
  return isOurs(url) ? url.pathname + url.search : '/';
}

/** Follows links of the console without loading it anew. Other tabs, other origins and downloads stay the browser's. */
export function followLinks() {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const special = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!link || special || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href, location.href);
    if (!isOurs(url) || (url.hash && url.pathname === location.pathname)) return;
    event.preventDefault();
    go(url.pathname + url.search, { replace: url.href === location.href });
  });
  addEventListener('popstate', arrive);
}

/** @typedef {'start' | 'sign-in' | 'choose-tenant' | 'account' | 'no-access' | 'error' | 'home' | 'automations' | 'automation' | 'runs' | 'run' | 'run-log' | 'audit' | 'not-found'} PageName */

/** What stands in a tenant: a page, or one for each name. @type {Record<string, PageName[]>} */
const ROOMS = { '': ['home'], automations: ['automations', 'automation'], runs: ['runs', 'run'], audit: ['audit'] };

/**
 * The page of a path.
 * @param {string} path
 * @returns {{ page: PageName, tenant?: string, code?: string, id?: string }}
 */
export function match(path) {
  const [first = '', second, room = '', id = '', ...rest] = path.split('/').slice(1).map(plain);
  if (path === '/') return { page: 'start' };
  if (first === 't' && second) {
    if (room === 'runs' && id && rest.join('/') === 'log') return { page: 'run-log', tenant: second, id };
    const page = rest.join('') === '' && Object.hasOwn(ROOMS, room) ? ROOMS[room][id ? 1 : 0] : undefined;
    return { page: page ?? 'not-found', tenant: second, ...(page && id && { id }) };
  }
  if (first === 'error' && !room) return { page: 'error', code: second };
  const single = second === undefined && /** @type {PageName[]} */ (['sign-in', 'choose-tenant', 'account', 'no-access']);
  return { page: (single && single.find((name) => name === first)) || 'not-found' };
}

/** @param {string} segment */
function plain(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
