// A part of a page that is asked for on its own, and fails on its own.

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { announce } from '../shell/announce.js';
import { reachable } from '../shell/session.js';
import { Wait } from './page.js';
import { Problem } from './problem.js';

/** @typedef {import('../vendor/preact.js').View} View */

/**
 * @template T
 * @param {object} props
 * @param {() => Promise<T>} props.from what asks for it
 * @param {unknown} [props.on] it is asked for again when this changes; what is shown stays meanwhile
 * @param {string} props.waiting the sentence while it is not there
 * @param {string} props.lacking what did not happen if it cannot be had
 * @param {(value: T, again: () => void) => View} props.show
 */
export function Loaded({ from, on, waiting, lacking, show }) {
  const state = useSignal(/** @type {{ value?: T, error?: unknown, busy: boolean }} */ ({ busy: true }));
  const ask = async () => {
    state.value = { ...state.peek(), busy: true };
    try {
      state.value = { value: await from(), busy: false };
    } catch (error) {
      state.value = { ...state.peek(), error, busy: false };
      announce(`${lacking}.`);
    }
  };
  const { ok } = reachable.value;
  useEffect(() => { void ask(); }, [on]);
  // What could not be had while the gateway was away is asked for again when it is back.
  useEffect(() => { if (ok && state.peek().error) void ask(); }, [ok]);
  const { value, error, busy } = state.value;
  return html`
    ${error && html`<${Problem} quiet what=${lacking} error=${error} retry=${ask} />`}
    ${value === undefined && busy && !error && html`<${Wait} what=${waiting} />`}
    ${value !== undefined && html`<div class="stack" aria-busy=${busy ? 'true' : null}>${show(value, ask)}</div>`}`;
}
