// What every page is controlled with: buttons that send, buttons that copy, dialogs, and what did not happen.

import { GateletError } from '../gatelet.js';
import { reachable } from '../shell/session.js';
import { html, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { said } from '../words/errors.js';
import { text as plain } from '../words/text.js';
import { clockExact } from '../words/time.js';
import { announce } from './page.js';

/**
 * A button that sends something: it says what it does while it does it, why it cannot, and what did not happen.
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

/**
 * Copies a text, and says that it did.
 * @param {object} props
 * @param {string | (() => Promise<string>)} props.text
 * @param {string} props.what what it is, for those who do not see where the button stands
 * @param {string} [props.label]
 */
export function Copy({ text, what, label }) {
  const state = useSignal('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
      state.value = 'Copied';
      announce(`Copied: ${what}.`);
    } catch {
      state.value = 'Not copied';
      announce(`Not copied: ${what}. The browser or the gateway refused.`);
    }
    setTimeout(() => { state.value = ''; }, 3000);
  };
  return html`<button type="button" class=${label ? '' : 'quiet copy'} onClick=${copy}>${state.value || label || 'Copy'}${label ? '' : html`<span class="unseen"> ${what}</span>`}</button>`;
}

/**
 * A dialog: the browser's own, which keeps the focus inside, closes by Esc and gives the focus back.
 * @param {object} props
 * @param {string} props.title
 * @param {string} props.state which dialog it is, for those who look at the page from outside
 * @param {() => void} props.onClose
 * @param {import('../vendor/preact.js').View} [props.children]
 */
export function Dialog({ title, state, onClose, children }) {
  const frame = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const dialog = frame.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  /** @param {Event} event */
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`
    <dialog ref=${frame} aria-labelledby="dialog-title" data-state=${state} onCancel=${cancel}>
      <div class="stack"><h2 id="dialog-title">${title}</h2>${children}</div>
    </dialog>`;
}

/**
 * What did not happen, why, what now, and what to tell whoever looks into it.
 * @param {object} props
 * @param {string} props.what what did not happen
 * @param {unknown} props.error
 * @param {() => void} [props.retry] where trying again makes sense
 * @param {boolean} [props.quiet] a part that did not load: it is said once, and takes no attention
 */
export function Problem({ what, error, retry, quiet = false }) {
  const known = error instanceof GateletError ? error : null;
  const code = plain(known?.problem ?? known?.code);
  const { why, next } = said(code || 'unexpected');
  const { retryAt } = known ?? {};
  const [traceId, baseUrl] = [plain(known?.traceId), plain(known?.baseUrl)];
  return html`
    <div class="notice error" role=${quiet ? null : 'alert'} data-state="error">
      <div>
        <p><strong>${what}.</strong> ${why} ${next}${retryAt ? ` Not before ${clockExact(retryAt)}.` : ''}</p>
        ${baseUrl && html`<p>Its address: <a href=${webAddress(baseUrl)}>${baseUrl}</a></p>`}
        ${code && html`<p class="meta"><code>${code}</code>${traceId && html` · trace <code>${traceId}</code>`}
          <${Copy} text=${[code, traceId].filter(Boolean).join(' ')} what="code and trace" /></p>`}
      </div>
      ${retry && html`<button type="button" onClick=${retry}>Try again</button>`}
    </div>`;
}

/** An address that may stand in a link: of the web, never a script. @param {string} text */
export function webAddress(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && ['https:', 'http:'].includes(url.protocol) ? url.href : null;
}
