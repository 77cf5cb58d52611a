// What is said while the gateway does not answer. The page stays for reading; the client asks again by itself.

import { effect, html } from '../vendor/preact.js';
import { clockExact, now, span } from '../words/time.js';
import { announce } from './announce.js';
import { look, reachable, who } from './session.js';

/** Says the loss and the return, not each try. */
export function watchConnection() {
  let was = true;
  addEventListener('offline', () => { void look(true); });
  effect(() => {
    const { ok } = reachable.value;
    if (ok !== was) announce(ok ? 'Connected again.' : 'Not connected. What you see may be out of date.');
    was = ok;
  });
}

/** Seconds until the next try, in a component of its own, as it changes each second. @param {{ at: number }} props */
function Countdown({ at }) {
  const left = at - now.value;
  return left > 1 ? `Next try in ${span(left)}.` : 'Trying…';
}

/** The band above the page. */
export function Connection() {
  const { ok, asOf, retryAt } = reachable.value;
  if (ok) return null;
  return html`
    <aside class="band" aria-label="Connection" data-state="offline"><div>
      <p><strong>Not connected.</strong> ${who.value.state === 'in' && `Shown as of ${clockExact(asOf)}. `}
        <span aria-hidden="true">${retryAt && html`<${Countdown} at=${retryAt} />`}</span></p>
      <button type="button" onClick=${() => look(true)}>Try now</button>
    </div></aside>`;
}
