// Nothing is here, or nothing that this person may know of: the same words for both.

import { html } from '../vendor/preact.js';
import { Page } from '../parts/page.js';
import { place } from '../shell/router.js';

export default function NotFound() {
  return html`
    <${Page} narrow title="Not found" state="not-found">
      <p>There is nothing at <code>${place.value.path}</code>, or nothing that you may know of.</p>
      <p>The link may be old, or it may be for another person. <a href="/">Go to the first page</a></p>
    <//>`;
}
