// What only the gateway's own pages ask for: providers, the choice of a tenant, the person's sessions.

import { GateletError } from '../gatelet.js';
import { gatelet } from './session.js';

/**
 * @typedef {object} Provider
 * @property {string} name
 * @property {string} title
 * @property {'entra' | 'google' | 'salesforce' | 'oidc'} kind
 * @property {{ login_hint: string, name: string, tenant: string, role: string }[]} [people] the prepared people of
 *   a provider on the same machine
 */
/**
 * @typedef {object} ListedSession
 * @property {string} id
 * @property {boolean} current
 * @property {string} provider
 * @property {string | null} browser
 * @property {number} begunAt
 * @property {number} idleEndsAt
 * @property {number} endsAt
 */

/** @param {string} path @param {RequestInit} [init] */
async function ask(path, init) {
  const answer = await gatelet.fetch(`/auth${path}`, init);
  if (!answer.ok) throw await GateletError.from(answer, gatelet.now());
  return answer.status === 204 ? null : answer.json();
}

/** @returns {Promise<{ providers: Provider[], local?: boolean }>} */
export const providers = () => ask('/providers');

/** @returns {Promise<ListedSession[]>} */
export const sessions = async () => (await ask('/sessions')).sessions.map(listed);

/** @param {string} id @returns {Promise<void>} */
export const endSession = async (id) => { await ask(`/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }); };

/** @param {string | number} slot @returns {Promise<{ id: string, title: string }[]>} */
export const tenants = async (slot) => (await ask(`/choose?${new URLSearchParams({ slot: String(slot) })}`)).tenants;

/** Resolves to where to go next, which may be in another region. @param {string | number} slot @param {string} tenant @returns {Promise<string>} */
export async function chooseTenant(slot, tenant) {
  const body = new URLSearchParams({ slot: String(slot), tenant });
  return (await ask('/choose', { method: 'POST', body })).location;
}

/** @param {any} one @returns {ListedSession} */
const listed = ({ id, current, provider, browser, begun_at: begunAt, idle_ends_at: idleEndsAt, ends_at: endsAt }) => (
  { id, current, provider, browser, begunAt, idleEndsAt, endsAt }
);
