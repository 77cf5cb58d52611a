// The console itself broke. The bar stays; what can be told carries no value of anybody.

import { html } from '../vendor/preact.js';
import { Copy } from '../parts/controls.js';
import { Page, broken, report } from '../parts/page.js';

export default function Broke() {
  const text = report(broken.value);
  return html`
    <${Page} narrow title="This page broke" state="broke">
      <p role="alert">A part of the console stopped. It sent nothing more to the gateway, and if you were signed in, you still are. Reloading starts it again.</p>
      <div class="actions">
        <button type="button" class="primary" onClick=${() => location.reload()}>Reload</button>
        <${Copy} text=${text} what="report" label="Copy a report" />
      </div>
      <details><summary>What the report says</summary><pre>${text}</pre></details>
    <//>`;
}
