// The gateway did not say whether anybody is signed in. That is no reason to show a sign-in.

import { html } from '../vendor/preact.js';
import { Page } from '../parts/page.js';
import { Problem } from '../parts/problem.js';
import { look, who } from '../shell/session.js';

export default function Unknown() {
  const it = who.value;
  return html`
    <${Page} narrow title="Gatelet cannot be used right now" state="unavailable">
      <p>If you were signed in, you still are.</p>
      <${Problem} quiet what="Your session could not be read" error=${it.state === 'unknown' ? it.error : null} retry=${() => look(true)} />
    <//>`;
}
