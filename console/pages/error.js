// Where a navigation ends that came to nothing. The address names a code; the words for it are the console's own.

import { html } from '../vendor/preact.js';
import { Copy, webAddress } from '../parts/controls.js';
import { Page } from '../parts/page.js';
import { place, safePath } from '../shell/router.js';
import { who } from '../shell/session.js';
import { NO_ACCESS, said } from '../words/errors.js';
import NoAccess from './no-access.js';

/** @param {{ code?: string }} props */
export default function ErrorPage({ code = '' }) {
  const { query } = place.value;
  const name = /^[a-z_]{1,40}$/.test(code) ? code : '';
  if (NO_ACCESS.includes(name)) return html`<${NoAccess} why=${name} />`;
  const { heading, why, next, way, known } = said(name);
  const trace = /^[0-9a-f]{32}$/.test(query.get('trace') ?? '') ? query.get('trace') : '';
  const target = safePath(query.get('target'));
  const region = webAddress(query.get('base_url') ?? '');
  const isIn = who.value.state === 'in';
  const again = way === 'again' || way === 'retry' || way === 'wait';
  return html`
    <${Page} narrow title=${heading} state="error" lead=${html`<p class="lead">${why} ${next}</p>`}>
      ${name === 'other_region' && region && html`<p>Its address: <a href=${region}>${region}</a></p>`}
      <div class="actions">
        ${again && !isIn && html`<a class="button primary" href=${`/sign-in?${new URLSearchParams({ target })}`}>Sign in again</a>`}
        <a class=${again && !isIn ? 'button' : 'button primary'} href="/">Go to the first page</a>
      </div>
      ${known && html`<p class="meta">Code <code>${name}</code>${trace && html`, trace <code>${trace}</code>`}
        <${Copy} text=${[name, trace].filter(Boolean).join(' ')} what="code and trace" /></p>`}
    <//>`;
}
