// What this browser keeps: how things are shown, and what was chosen last. Of a person it keeps what they typed and did
// not send yet, in this tab, for a day, until somebody else signs in.

import { effect, signal } from '../vendor/preact.js';

const KEY = 'gatelet.preferences';
const DRAFT = 'gatelet.draft.';
const DAY = 24 * 3600 * 1000;

/**
 * @typedef {object} Preferences
 * @property {'local' | 'utc'} times
 * @property {'light' | 'dark' | 'system'} theme
 * @property {'system' | 'reduced'} motion
 * @property {string} provider the provider that was used last
 * @property {string} tenant the tenant that was chosen last
 */

/** @param {unknown} value @param {string[]} known */
const among = (value, known) => (typeof value === 'string' && known.includes(value) ? value : known[0]);
/** @param {unknown} value */
const name = (value) => (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : '');

/** Reads what is kept, and takes what it does not know for what is usual. @returns {Preferences} */
function read() {
  /** @type {Record<string, unknown>} */
  let kept = {};
  try {
    kept = Object(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch { /* Storage is switched off, or somebody wrote something else. */ }
  return /** @type {Preferences} */ ({
    times: among(kept.times, ['local', 'utc']),
    theme: among(kept.theme, ['system', 'light', 'dark']),
    motion: among(kept.motion, ['system', 'reduced']),
    provider: name(kept.provider),
    tenant: name(kept.tenant),
  });
}

export const preferences = signal(read());

/** Keeps a change, as far as the browser lets it. @param {Partial<Preferences>} change */
export function keep(change) {
  preferences.value = { ...preferences.value, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.value));
  } catch { /* Then it holds until the page is left. */ }
}

// Another tab changed them.
addEventListener('storage', ({ key }) => { if (key === KEY) preferences.value = read(); });

effect(() => {
  const { dataset } = document.documentElement;
  const { theme, motion } = preferences.value;
  if (theme === 'system') delete dataset.theme; else dataset.theme = theme;
  if (motion === 'system') delete dataset.motion; else dataset.motion = motion;
});

/** Who a draft belongs to. @param {{ tenant: string, subject: string }} person */
const owner = ({ tenant, subject }) => `${DRAFT}${encodeURIComponent(tenant)}.${encodeURIComponent(subject)}.`;

/** What this person typed into this page and did not send. @param {{ tenant: string, subject: string }} person @param {string} page @returns {any} */
export function draftOf(person, page) {
  try {
    const { at, typed } = JSON.parse(sessionStorage.getItem(owner(person) + page) ?? '{}');
    return Date.now() - at < DAY ? typed : null;
  } catch {
    return null;
  }
}

/**
 * Keeps what was typed, or nothing any more.
 * @param {{ tenant: string, subject: string }} person
 * @param {string} page
 * @param {object | null} typed without what is sensitive, and without files
 */
export function keepDraft(person, page, typed) {
  try {
    if (typed) sessionStorage.setItem(owner(person) + page, JSON.stringify({ at: Date.now(), typed }));
    else sessionStorage.removeItem(owner(person) + page);
  } catch { /* Then it is gone with the page. */ }
}

/** Drops what others typed in this tab. @param {{ tenant: string, subject: string }} person */
export function dropDrafts(person) {
  try {
    const drafts = Object.keys(sessionStorage).filter((key) => key.startsWith(DRAFT));
    drafts.filter((key) => !key.startsWith(owner(person))).forEach((key) => sessionStorage.removeItem(key));
  } catch { /* There are none. */ }
}
