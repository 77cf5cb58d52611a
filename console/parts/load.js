// A part of a page that is asked for on its own, and fails on its own.

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { Wait, announce } from './page.js';
import { reachable } from '../shell/session.js';
import { Problem } from './controls.js';

/** @typedef {import('../vendor/preact.js').View} View */

/**
 * @template T
 * @param {object} props
 * @param {() => Promise<T>} props.from what asks for it
 * @param {unknown} [props.on] it is asked for again when this changes; what is shown stays meanwhile
 * @param {string} props.waiting the sentence while it is not there
 * @param {string} props.lacking what did not happen if it cannot be had
 * @param {(value: T, again: () => void) => View} props.show
 * @param {(inner: View, value: T | undefined) => View} [props.frame] what stands around it, for a page that is named by what it loads
 */
export function Loaded({ from, on, waiting, lacking, show, frame = (inner) => inner }) {
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
  return frame(html`
    ${error && html`<${Problem} quiet what=${lacking} error=${error} retry=${ask} />`}
    ${value === undefined && busy && !error && html`<${Wait} what=${waiting} />`}
    ${value !== undefined && html`<div class="stack" aria-busy=${busy ? 'true' : null}>${show(value, ask)}</div>`}`, value);
}

/** A number that changes this often while the page is in view and the gateway answers. @param {number} seconds @returns {number} */
export function useBeat(seconds) {
  const beat = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden && reachable.peek().ok) beat.value += 1; }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return beat.value;
}
