// htmx 4: its requests go through the client, also to other origins.
import { gatelet } from './client.js';

document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
  ctx.fetch = gatelet.fetch;
  ctx.request.mode = 'cors';
});
