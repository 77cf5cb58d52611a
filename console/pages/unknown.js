// The gateway did not say whether anybody is signed in. That is no reason to show a sign-in.

import { html } from '../vendor/preact.js';
import { GateletError } from '../gatelet.js';
import { Page } from '../parts/page.js';
import { Problem } from '../parts/controls.js';
import { look, who } from '../shell/session.js';
import { said } from '../words/errors.js';

export default function Unknown() {
  const it = who.value;
  const error = it.state === 'unknown' ? it.error : null;
  const known = error instanceof GateletError ? error : null;
  const isAway = !known || known.code === 'unavailable';
  const { heading } = said(isAway ? 'unavailable' : known.problem ?? known.code);
  return html`
    <${Page} narrow title=${heading} state=${isAway ? 'unavailable' : 'error'}>
      ${isAway && html`<p>If you were signed in, you still are.</p>`}
      <${Problem} quiet what="Your session could not be read" error=${error} retry=${() => look(true)} />
    <//>`;
}
