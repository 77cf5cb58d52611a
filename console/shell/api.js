// What the rooms of the automations ask of the API, and files on their way in and out.

import { GateletError } from '../gatelet.js';
import { gatelet } from './session.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */
/** @typedef {import('../gatelet.js').Can} Can */
/** @typedef {{ name: string, kind: string, title: string, may: string[], choices: { name: string }[] }} Need */
/**
 * @typedef {object} Automation
 * @property {string} name
 * @property {string} title
 * @property {string} summary
 * @property {string} version
 * @property {string} digest
 * @property {'reads' | 'steps' | 'unsafe'} effect
 * @property {number} timeout_s
 * @property {number} attempts
 * @property {{ minimum: number, here: number | null }} sandbox
 * @property {{ limit: number, on_busy: 'queue' | 'reject' | 'coalesce' }} concurrency
 * @property {{ name: string, every_s: number, next_at: number }[]} schedules
 * @property {Need[]} connections
 * @property {{ start: Can }} can
 */
/** @typedef {{ name: string, title: string, unit?: string }} Member */
/** @typedef {{ kind: 'table' | 'facts' | 'text', columns?: Member[], facts?: Member[] }} ResultShape */
/**
 * @typedef {Automation & { inputs: import('../form/fields.js').Schema, result: ResultShape | null,
 *   samples?: Record<string, { name: string, href: string }> }} Described
 */

/** The most bytes that go through the gateway itself. What is larger goes to an address of its own. */
const THROUGH = 4 * 1024 * 1024;

/** Asks, and rejects with what an answer that is not ok says. @param {string} path @param {RequestInit} [init] */
async function ask(path, init) {
  const answer = await gatelet.fetch(path, init);
  if (!answer.ok) throw await GateletError.from(answer, gatelet.now());
  return answer;
}

/** @param {string} path @param {Record<string, string | number | undefined>} [query] @returns {Promise<any>} */
export async function get(path, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value).map(([name, value]) => [name, String(value)]);
  const words = pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : '';
  return (await ask(`/api${path}${words}`)).json();
}

/** How many pages are asked for at most until a list is full: one that is filtered may come in pieces. */
const PIECES = 10;

/**
 * Runs, the newest first.
 * @param {Record<string, string | number | undefined> & { limit: number }} query
 * @returns {Promise<{ runs: Run[], next: string | null }>}
 */
export async function listRuns({ cursor, limit, ...rest }) {
  let page = { runs: /** @type {Run[]} */ ([]), next: /** @type {any} */ (cursor || null) };
  for (let piece = 0; piece < PIECES && (piece === 0 || (page.next && page.runs.length < limit)); piece += 1) {
    const { runs, next } = await get('/runs', { ...rest, limit: limit - page.runs.length, cursor: page.next ?? '' });
    page = { runs: [...page.runs, ...runs], next };
  }
  return page;
}

/** @param {string} path @param {object} [body] @returns {Promise<any>} */
export async function post(path, body) {
  const sent = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await ask(`/api${path}`, { method: 'POST', ...sent });
  return answer.status === 204 ? null : answer.json();
}

/** A text of the API, as it is. @param {string} path */
export const plain = async (path) => (await ask(`/api${path}`)).text();

/** Where something of the API stands. @param {string[]} parts */
export const at = (...parts) => `/${parts.map(encodeURIComponent).join('/')}`;

/** Keeps a file for a run, and tells its id. @param {File} file @returns {Promise<string>} */
export async function upload(file) {
  const type = { 'content-type': file.type || 'application/octet-stream', 'x-gatelet-file': encodeURIComponent(file.name) };
  if (file.size <= THROUGH) {
    return (await (await ask('/api/uploads', { method: 'POST', headers: type, body: file })).json()).id;
  }
  const asked = await ask(`/api/uploads?bytes=${file.size}`, { method: 'POST', headers: type });
  const { id, url, headers } = await asked.json();
  const kept = await fetch(url, { method: 'PUT', headers, body: file }).catch((cause) => { throw new GateletError('unavailable', { cause }); });
  if (!kept.ok) throw await GateletError.from(kept, gatelet.now());
  return id;
}

/** A file of the gateway, to be sent back to it. @param {string} href @param {string} name */
export async function sampled(href, name) {
  const content = await (await ask(href)).blob();
  return new File([content], name, { type: content.type });
}

/** What stands at a path of the API, which may lead elsewhere: the client itself follows nothing. @param {string} path */
async function content(path) {
  const answer = await gatelet.fetch(path);
  if (answer.ok) return answer.blob();
  if (answer.type !== 'opaqueredirect') throw await GateletError.from(answer, gatelet.now());
  const headers = { authorization: `Bearer ${await gatelet.token()}`, 'x-gatelet-csrf': '1' };
  const led = await fetch(path, { headers }).catch((cause) => { throw new GateletError('unavailable', { cause }); });
  if (!led.ok) throw await GateletError.from(led, gatelet.now());
  return led.blob();
}

/** Saves a file of the API under this name. @param {string} path @param {string} name */
export async function download(path, name) {
  const address = URL.createObjectURL(await content(`/api${path}`));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The console's own path in this tenant. @param {string} tenant @param {string[]} parts */
export const inside = (tenant, ...parts) => `/t${at(tenant, ...parts)}`;
