// How moments and durations are written: one way in lists, one in details, by the switch local or UTC.

import { computed, html, signal } from '../vendor/preact.js';
import { preferences } from '../shell/preferences.js';
import { gatelet } from '../shell/session.js';

/** The server's time in seconds. The person's own clock may be wrong. */
export const now = signal(gatelet.now());
/** Changes once a minute. */
export const minute = computed(() => Math.floor(now.value / 60));
setInterval(() => { if (!document.hidden) now.value = gatelet.now(); }, 1000);
document.addEventListener('visibilitychange', () => { now.value = gatelet.now(); });

/** @type {Intl.DateTimeFormatOptions} */
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
/** @type {Intl.DateTimeFormatOptions} */
const EXACT = { ...CLOCK, second: '2-digit', day: 'numeric', month: 'short', year: 'numeric' };
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Writers are slow to make and quick to use: one for each shape and zone. @type {Map<string, Intl.DateTimeFormat>} */
const writers = new Map();

/** @param {number} seconds @param {Intl.DateTimeFormatOptions} shape */
function write(seconds, shape) {
  const timeZone = preferences.value.times === 'utc' ? 'UTC' : undefined;
  const key = JSON.stringify([shape, timeZone]);
  const writer = writers.get(key) ?? new Intl.DateTimeFormat(undefined, { ...shape, timeZone });
  writers.set(key, writer);
  return writer.format(seconds * 1000);
}

/** The zone of a moment as it is shown: UTC, or the distance from it. @param {number} seconds */
export function zone(seconds) {
  if (preferences.value.times === 'utc') return 'UTC';
  const ahead = -new Date(seconds * 1000).getTimezoneOffset();
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  const size = Math.abs(ahead);
  return `${ahead < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** "12:04". @param {number} seconds */
export const clock = (seconds) => write(seconds, CLOCK);
/** "12:04:31". @param {number} seconds */
export const clockExact = (seconds) => write(seconds, { ...CLOCK, second: '2-digit' });
/** "22 Nov 2026, 12:04:07 +01:00". @param {number} seconds */
export const exact = (seconds) => `${write(seconds, EXACT)} ${zone(seconds)}`;

/** "14 minutes ago", "in 7 hours". @param {number} seconds */
export function relative(seconds) {
  void minute.value;
  const far = seconds - now.peek();
  const size = Math.abs(far);
  if (size < MINUTE) return far > 5 ? 'in less than a minute' : 'less than a minute ago';
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  if (size < HOUR) return words.format(Math.round(far / MINUTE), 'minute');
  if (size < DAY) return words.format(Math.round(far / HOUR), 'hour');
  return words.format(Math.round(far / DAY), 'day');
}

/** "3 min 04 s", "7 h 59 min". @param {number} seconds */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  if (whole >= HOUR) return `${Math.floor(whole / HOUR)} h ${two(Math.floor((whole % HOUR) / MINUTE))} min`;
  return whole >= MINUTE ? `${Math.floor(whole / MINUTE)} min ${two(whole % MINUTE)} s` : `${whole} s`;
}

/** A moment in details: exact, and how far away it is. @param {{ at: number }} props */
export function Exact({ at }) {
  const iso = new Date(at * 1000).toISOString();
  return html`<time datetime=${iso}>${exact(at)}</time> <span class="meta">${relative(at)}</span>`;
}

/** A moment in a list: how far away it is, from the eighth day on the date. @param {{ at: number }} props */
export function Ago({ at }) {
  const iso = new Date(at * 1000).toISOString();
  const near = Math.abs(at - now.peek()) < 7 * DAY;
  return html`<time datetime=${iso}>${near ? relative(at) : write(at, { day: 'numeric', month: 'short', year: 'numeric' })}</time>`;
}

/** How long something took: below ten seconds with tenths. @param {{ seconds: number }} props */
export function Span({ seconds }) {
  return seconds >= 0 && seconds < 10 && !Number.isInteger(seconds) ? `${seconds.toFixed(1)} s` : span(seconds);
}
