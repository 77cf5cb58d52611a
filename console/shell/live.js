// One run, followed: the gateway's own account of it, asked for again when an event says that it changed, and its log.

import { createRuns } from '../gatelet-runs.js';
import { announce } from '../parts/page.js';
import { useEffect, useSignal } from '../vendor/preact.js';
import { named } from '../words/states.js';
import { percent, text } from '../words/text.js';
import { at, get } from './api.js';
import { gatelet } from './session.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */
/** @typedef {import('../gatelet-runs.js').RunEvent} RunEvent */
/** @typedef {{ at: number, source: string, text: string }} Line */
/** @typedef {{ at: number, state: Run['state'], attempt: number, continuesAt: number | null, code: string }} Moment */
/**
 * @typedef {object} Followed
 * @property {Run | null} run
 * @property {unknown} error
 * @property {Run['progress'] | null} progress
 * @property {Line[]} lines all of them; the list grows
 * @property {number} count how many lines there are
 * @property {Moment[]} moments each change of state
 * @property {'asking' | 'stream' | 'poll' | 'lost' | 'paused' | 'over'} way how news comes
 * @property {number} every seconds between two questions
 */

/** How long after an event the run is asked for, and how long lines are gathered, in milliseconds. */
const [SOON, GATHER] = [250, 50];

const runs = createRuns(gatelet);

/** Follows a run while the page is in view. @param {string} id @returns {{ followed: Followed, again: () => Promise<void> }} */
export function useRun(id) {
  const state = useSignal(/** @type {Followed} */ ({ run: null, error: null, progress: null, lines: [], count: 0, moments: [], way: 'asking', every: 0 }));
  const put = (/** @type {Partial<Followed>} */ change) => { state.value = { ...state.peek(), ...change }; };
  const look = async () => {
    const run = /** @type {Run} */ (await get(at('runs', id)));
    put({ run, error: null, progress: run.progress ?? state.peek().progress });
    return run;
  };
  useEffect(() => {
    let [heard, quarter] = [0, 0];
    /** @type {AbortController | null} */
    let line = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let due;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let gathered;
    const soon = () => { due ??= setTimeout(() => { due = undefined; look().catch(() => {}); }, SOON); };
    const write = (/** @type {Line[]} */ lines) => {
      state.peek().lines.push(...lines);
      gathered ??= setTimeout(() => { gathered = undefined; put({ count: state.peek().lines.length }); }, GATHER);
    };
    /** @param {Extract<RunEvent, { kind: 'progress' }>} event @param {boolean} isNew */
    const progressed = (event, isNew) => {
      put({ progress: event });
      const now = event.of ? Math.floor((4 * event.done) / event.of) : 0;
      if (isNew && now > quarter) announce(`${percent(event)} done.`);
      quarter = Math.max(quarter, now);
    };
    /** @param {RunEvent} event @param {boolean} isNew */
    const take = (event, isNew) => {
      heard = event.seq;
      const when = event.at_ms / 1000;
      if (event.kind === 'log') return write(event.lines.map((one) => ({ at: when, source: text(event.source), text: text(one) })));
      if (event.kind === 'log_cut') return write([{ at: when, source: 'gateway', text: '[The log is cut here: it has all that a run may write.]' }]);
      if (event.kind === 'progress') return progressed(event, isNew);
      if (event.kind === 'state') {
        const continuesAt = event.continues_at_ms ? event.continues_at_ms / 1000 : null;
        put({ moments: [...state.peek().moments, { at: when, state: event.state, attempt: event.attempt, continuesAt, code: text(event.code) }] });
        if (isNew) announce(`${named(event.state)[0]}.`);
      }
      return isNew ? soon() : undefined;
    };
    const follow = async (/** @type {AbortSignal} */ signal) => {
      try {
        const { seq } = await look();
        const told = (/** @type {import('../gatelet-runs.js').Way} */ news) => put({ way: news.way, every: news.way === 'poll' ? news.every : 0 });
        for await (const event of runs.events(id, { after: heard, signal, told })) take(event, event.seq > seq);
        await look();
        put({ way: 'over' });
      } catch (error) {
        if (!signal.aborted) put({ error, way: 'over' });
      }
    };
    const turn = () => {
      if (document.hidden) {
        line?.abort();
        line = null;
        if (state.peek().way !== 'over') put({ way: 'paused' });
      } else if (!line && state.peek().way !== 'over') {
        line = new AbortController();
        void follow(line.signal);
      }
    };
    turn();
    document.addEventListener('visibilitychange', turn);
    return () => {
      document.removeEventListener('visibilitychange', turn);
      line?.abort();
      clearTimeout(due);
      clearTimeout(gathered);
    };
  }, [id]);
  return { followed: state.value, again: async () => { await look(); } };
}
