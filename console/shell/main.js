// Starts the console: the one place that touches the document outside of the view.

import { html, render } from '../vendor/preact.js';
import { App } from './app.js';
import { watchConnection } from './notices.js';
import { followLinks } from './router.js';
import { look, watchSession } from './session.js';
import { broken } from '../parts/page.js';

const app = /** @type {HTMLElement} */ (document.getElementById('app'));

document.getElementById('skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  document.querySelector('main')?.focus();
});
addEventListener('error', ({ error }) => { if (error) broken.value = error; });
addEventListener('unhandledrejection', ({ reason }) => { broken.value = reason ?? new Error('rejected'); });

followLinks();
watchConnection();
watchSession(app);
app.replaceChildren();
render(html`<${App} />`, app);
document.documentElement.dataset.start = 'done';
void look();
