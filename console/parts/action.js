// A button that sends something: it says what it does while it does it, why it cannot, and what did not happen.

import { html, useSignal } from '../vendor/preact.js';
import { announce } from '../shell/announce.js';
import { reachable } from '../shell/session.js';
import { Problem } from './problem.js';

/**
 * @param {object} props
 * @param {() => Promise<unknown>} props.does
 * @param {string} props.what what did not happen, if it does not
 * @param {string} props.doing what the button says meanwhile
 * @param {string} [props.done] what is said when it is done
 * @param {string | null} [props.barred] why it cannot be done
 * @param {boolean} [props.primary]
 * @param {import('../vendor/preact.js').View} [props.children]
 */
export function Action({ does, what, doing, done, barred, primary = false, children }) {
  const state = useSignal(/** @type {{ busy: boolean, error?: unknown }} */ ({ busy: false }));
  const why = reachable.value.ok ? barred : 'Not connected: this cannot be sent now.';
  const press = async () => {
    if (state.value.busy || why) return;
    state.value = { busy: true };
    try {
      await does();
      state.value = { busy: false };
      if (done) announce(done);
    } catch (error) {
      state.value = { busy: false, error };
    }
  };
  const { busy, error } = state.value;
  return html`
    <button type="button" class=${primary ? 'primary' : ''} aria-disabled=${why || busy ? 'true' : null} onClick=${press}>
      ${busy ? doing : children}
    </button>
    ${why && html`<span class="meta">${why}</span>`}
    ${error && html`<${Problem} what=${what} error=${error} />`}`;
}
