// An application's page at the gateway's origin that uses the browser client, and an API of that application.

import { createServer } from 'node:http';

import { eventually } from './gateway.mjs';

const EVENTS = ['session', 'ended', 'expiring', 'step-up', 'connection', 'token'];

/** The page has no address of its own that the browser knows, so that it asks before the page may talk to loopback. */
export const AT_HOME = { permissions: ['local-network-access'] };

/** Signs a person in at the pocket provider. Ends where the browser ends. */
export async function enter(gateway, page, subject) {
  await page.goto(`${gateway.address}/auth/login/pocket?target=/`);
  await page.locator(`button[value="${subject}"]`).click();
  await page.waitForURL(`${gateway.address}/**`);
}

/** Answers `/app` with an empty page, as the application's own server would. */
export const serveApplication = (gateway, person) => person.route(`${gateway.address}/app*`, (route) => route.fulfill({
  contentType: 'text/html', body: '<!doctype html><html lang="en"><title>An application</title><main id="main"></main></html>',
}));

/** Opens the application in a tab: `gatelet` is its client, `seen` what the client told it. */
export async function openApplication(gateway, person, options = {}, path = '/app') {
  const page = await person.newPage();
  await page.goto(gateway.address + path);
  await startClient(page, options);
  return page;
}

/** Makes a client in a page that is open. */
export const startClient = (page, options = {}) => page.evaluate(async ([settings, events]) => {
  const { createGatelet, GateletError } = await import('/assets/gatelet.js');
  Object.assign(globalThis, { gatelet: createGatelet(settings), GateletError, seen: [] });
  for (const event of events) gatelet.on(event, (value) => seen.push([event, value]));
  /** What a call comes to, as data that can leave the page. */
  globalThis.outcome = (promise) => promise.then(
    (value) => ({ value }),
    (error) => ({ error: { ...error, name: error.name, isOurs: error instanceof GateletError } }),
  );
}, [options, EVENTS]);

/** What the client told the page of this kind. */
export const told = (page, event) => page.evaluate(
  (wanted) => JSON.parse(JSON.stringify(seen.filter(([name]) => name === wanted).map(([, value]) => value))), event,
);

/** Waits until the client has told the page this often. */
export const hears = (page, event, count = 1) => eventually(`${event} is told`, async () => {
  const all = await told(page, event);
  return all.length >= count && all;
});

/** An API of the application at an origin of its own. It notes what it was sent. */
export class Api {
  static async start() {
    const api = new Api();
    api.requests = [];
    api.server = createServer((request, answer) => api.answer(request, answer));
    await new Promise((resolve) => { api.server.listen(0, '127.0.0.1', resolve); });
    api.origin = `http://127.0.0.1:${api.server.address().port}`;
    /** How a page names it to its client. */
    api.apis = { [api.origin]: { audience: 'https://orders.example.com', scope: 'orders:read' } };
    return api;
  }

  /** What came to a path, without the browser's own questions. */
  asked(path) {
    return this.requests.filter((request) => request.path === path);
  }

  async answer(request, answer) {
    let body = '';
    for await (const piece of request) body += piece;
    const { pathname: path, searchParams: query } = new URL(request.url, this.origin);
    answer.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    answer.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key, x-gatelet-csrf');
    answer.setHeader('access-control-allow-methods', 'GET, POST, PUT, DELETE');
    answer.setHeader('access-control-expose-headers', 'www-authenticate, retry-after');
    if (request.method === 'OPTIONS') return answer.writeHead(204).end();
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    this.requests.push({ path, method: request.method, headers: request.headers, body, token });
    const count = this.asked(path).length;
    const kind = path.split('/')[1];
    if (kind === 'refuses' && count <= Number(query.get('times') ?? 1)) {
      answer.setHeader('www-authenticate', 'Bearer error="invalid_token"');
      return answer.writeHead(401).end();
    }
    if (kind === 'busy' && count <= Number(query.get('times') ?? 1)) {
      answer.setHeader('retry-after', query.get('wait') ?? '1');
      return answer.writeHead(503).end();
    }
    if (kind === 'step-up') {
      const challenge = 'Bearer error="insufficient_user_authentication", acr_values="phr mfa", max_age="300"';
      answer.setHeader('www-authenticate', challenge);
      return answer.writeHead(401).end();
    }
    if (kind === 'forbids') return answer.writeHead(401).end();
    if (kind === 'leads') return answer.writeHead(307, { location: query.get('to') }).end();
    answer.setHeader('content-type', 'application/json');
    return answer.end(JSON.stringify({ method: request.method, body, orders: [{ id: 7, text: 'Seven screws' }] }));
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }
}
