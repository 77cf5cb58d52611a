// What did not happen, why, what now, and what to tell whoever looks into it.

import { html } from '../vendor/preact.js';
import { GateletError } from '../gatelet.js';
import { said } from '../words/errors.js';
import { text } from '../words/text.js';
import { clockExact } from '../words/time.js';
import { Copy } from './copy.js';

/**
 * @param {object} props
 * @param {string} props.what what did not happen
 * @param {unknown} props.error
 * @param {() => void} [props.retry] where trying again makes sense
 * @param {boolean} [props.quiet] a part that did not load: it is said once, and takes no attention
 */
export function Problem({ what, error, retry, quiet = false }) {
  const known = error instanceof GateletError ? error : null;
  const code = text(known?.problem ?? known?.code);
  const { why, next } = said(code || 'unexpected');
  const { retryAt } = known ?? {};
  const [traceId, baseUrl] = [text(known?.traceId), text(known?.baseUrl)];
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
