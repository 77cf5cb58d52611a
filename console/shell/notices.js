// What stands above every page or in front of it: no connection, a session that is about to end, and the call that
// wants a newer proof of who is here. While the gateway does not answer, the client asks again by itself.

import { effect, html, signal, useEffect } from '../vendor/preact.js';
import { Action, Dialog } from '../parts/controls.js';
import { clock, clockExact, now, span } from '../words/time.js';
import { announce } from '../parts/page.js';
import { returnTo } from './router.js';
import { expiring, gatelet, look, reachable, stay, who } from './session.js';

/** @typedef {import('../gatelet.js').Events['step-up']} Asked */

const asked = signal(/** @type {Asked | null} */ (null));
gatelet.on('step-up', (what) => { asked.value = what; });

/** @param {{ at: number }} props */
function Left({ at }) {
  const left = at - now.value;
  useEffect(() => { if (left <= 30 && left > 27) announce('Your session ends in 30 seconds.'); }, [left <= 30]);
  return span(left);
}

/** Two minutes before the session goes idle. @param {{ at: number }} props */
function Idle({ at }) {
  const close = () => { expiring.value = null; };
  useEffect(() => announce('Your session ends in two minutes unless you stay signed in.'), [at]);
  return html`
    <${Dialog} title="Are you still here?" onClose=${close} state="expiring">
      <p>You have not used Gatelet for a while. Your session ends at ${clock(at)}<span aria-hidden="true">,
        in <${Left} at=${at} /></span>.</p>
      <div class="actions">
        <${Action} primary what="The session was not extended" does=${stay} doing="Extending…">Stay signed in<//>
        <button type="button" onClick=${close}>Let it end</button>
      </div>
    <//>`;
}

/** Ten and two minutes before the session is at its longest. @param {{ at: number }} props */
function Absolute({ at }) {
  const it = who.value;
  useEffect(() => announce(`Your session ends at ${clock(at)} and cannot be extended.`), [at]);
  const renew = () => gatelet.signIn(it.state === 'in' ? it.session.provider : undefined, { returnTo: returnTo() });
  return html`
    <aside class="band" aria-label="End of your session" data-state="ending"><div>
      <p><strong>Your session ends at ${clock(at)}</strong><span aria-hidden="true">, in <${Left} at=${at} /></span>.
        It is at its longest and cannot be extended. Signing in now brings you back to this page.</p>
      <button type="button" onClick=${renew}>Sign in now</button>
    </div></aside>`;
}

/** Before leaving for the provider. What was asked for is not done by itself afterwards. @param {{ what: Asked }} props */
function StepUp({ what }) {
  const it = who.value;
  const cancel = () => {
    asked.value = null;
    what.cancel();
  };
  const leave = () => {
    asked.value = null;
    void what.resume();
  };
  const { maxAge } = what.needed;
  const proof = it.state === 'in' ? it.session.authTime : null;
  const age = proof ? ` Yours was ${span(now.peek() - proof)} ago.` : '';
  const need = maxAge ? `This needs a sign-in within the last ${span(maxAge)}.${age}` : 'This needs a stronger sign-in than yours.';
  return html`
    <${Dialog} title="Prove who you are again" onClose=${cancel} state="step-up">
      <p>${need} You leave for your provider and come back to this page. Nothing was done yet; press the button again afterwards.</p>
      <div class="actions">
        <button type="button" class="primary" onClick=${leave}>Go to the provider</button>
        <button type="button" onClick=${cancel}>Stay here</button>
      </div>
    <//>`;
}

/** The dialogs, and the band of the end. */
function Endings() {
  const end = expiring.value;
  const isIn = who.value.state === 'in';
  return html`
    ${isIn && end && (end.kind === 'idle' ? html`<${Idle} at=${end.at} />` : html`<${Absolute} at=${end.at} />`)}
    ${asked.value && html`<${StepUp} what=${asked.value} />`}`;
}

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

/** The band while there is no connection. */
function Connection() {
  const { ok, asOf, retryAt } = reachable.value;
  if (ok) return null;
  return html`
    <aside class="band" aria-label="Connection" data-state="offline"><div>
      <p><strong>Not connected.</strong> ${who.value.state === 'in' && `Shown as of ${clockExact(asOf)}. `}
        <span aria-hidden="true">${retryAt && html`<${Countdown} at=${retryAt} />`}</span></p>
      <button type="button" onClick=${() => look(true)}>Try now</button>
    </div></aside>`;
}

/** All of it. */
export const Notices = () => html`<${Connection} /><${Endings} />`;
