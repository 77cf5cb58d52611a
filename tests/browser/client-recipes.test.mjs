// The recipes of docs/examples/browser, each run with the framework that it is for. They share its client.js.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { enter } from './application.mjs';
import { LOG, RUNS, events, page } from './automations.mjs';
import { played } from './browser.mjs';
import { setting } from './gateway.mjs';
import { Stage } from './stage.mjs';

const EXAMPLES = join(import.meta.dirname, '../../docs/examples/browser');
const MODULES = setting('TEST_FRAMEWORKS');
const { build } = createRequire(join(MODULES, 'x.js'))('esbuild');

/** A short run, from its first line to its end. */
const FINISHED = events(...LOG.slice(2, 3), { kind: 'state', state: 'succeeded', attempt: 1 }).map((event, index) => ({ ...event, seq: index + 1 }));

let stage;
let gateway;
let browser;
before(async () => {
  stage = await Stage.open();
  ({ gateway, browser } = stage);
});
after(() => stage?.close());

/** One module of a recipe, what it imports, and the few lines that a page would have. The client stays apart. */
async function bundle(contents, plugins = []) {
  const { outputFiles: [file] } = await build({
    stdin: { contents, resolveDir: EXAMPLES, loader: 'js' }, bundle: true, format: 'esm', write: false, external: ['/assets/*'],
    nodePaths: [MODULES], define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'silent', plugins, target: 'es2022',
  });
  return file.text;
}

/** A page with this script, and an API of the application that notes what it was sent. */
const scene = (name, script, play, { as = 'ada', markup = '', api = false } = {}) => test(name, async () => {
  const person = await browser.person();
  const sent = [];
  await played(person, async () => {
    await person.route('https://orders.example.com/**', async (route) => {
      const request = route.request();
      sent.push({ url: request.url(), method: request.method(), token: (await request.allHeaders()).authorization });
      const headers = { 'access-control-allow-origin': gateway.address, 'access-control-allow-headers': '*' };
      const html = request.url().endsWith('.html');
      await route.fulfill(html ? { headers, contentType: 'text/html', body: '<b>7 orders</b>' } : { headers, json: { orders: [1, 2, 3] } });
    });
    if (api) {
      await person.route(`${gateway.address}/api/**`, async (route) => {
        const request = route.request();
        sent.push({ url: request.url(), method: request.method(), token: (await request.allHeaders()).authorization });
        await route.fulfill(request.method() === 'POST' ? { status: 201, json: RUNS.queued } : { json: page('succeeded', FINISHED).body });
      });
    }
    const code = await script();
    await person.route(`${gateway.address}/app*`, (route) => (new URL(route.request().url()).pathname === '/app.js'
      ? route.fulfill({ contentType: 'text/javascript', body: code })
      : route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Recipe</title><main>${markup}</main><script type="module" src="/app.js"></script>` })));
    const tab = await person.newPage();
    if (as) await enter(gateway, tab, as);
    await tab.goto(`${gateway.address}/app`);
    await play(tab, sent);
  });
});

/** The page says who is here, and that nobody is once they signed out in another tab. */
const followsTheSession = async (page) => {
  await page.getByText('Hello, Ada').waitFor();
  const other = await page.context().newPage();
  await other.goto(`${gateway.address}/app`);
  await other.evaluate(async () => (await import('/assets/gatelet.js')).createGatelet().signOut());
  await page.getByText('Hello, nobody').waitFor();
};

scene('plain.js asks for the orders of whoever is signed in, and shows the end', () => bundle(`import './plain.js';`), async (page, sent) => {
  await page.getByText('Ada: 3 orders').waitFor();
  assert.match(sent[0].token, /^Bearer ey/);
  const other = await page.context().newPage();
  await other.goto(`${gateway.address}/app`);
  await other.evaluate(async () => (await import('/assets/gatelet.js')).createGatelet().signOut());
  await page.getByText('You are signed out (other-tab)').waitFor();
});

scene('plain.js leads whoever is not signed in to the provider', () => bundle(`import './plain.js';`), async (page) => {
  await page.waitForURL(`${gateway.provider}/**`);
}, { as: null });

scene('react.js is a hook', () => bundle(`
  import { createElement as e } from 'react';
  import { createRoot } from 'react-dom/client';
  import { useSession } from './react.js';
  const Name = () => { const session = useSession(); return session === undefined ? null : e('p', null, 'Hello, ' + (session?.name ?? 'nobody')); };
  createRoot(document.querySelector('main')).render(e(Name));`), followsTheSession);

scene('vue.js is a ref', () => bundle(`
  import { createApp, h } from 'vue';
  import { session } from './vue.js';
  createApp({ render: () => (session.value === undefined ? null : h('p', 'Hello, ' + (session.value?.name ?? 'nobody'))) }).mount('main');`), followsTheSession);

scene('svelte.js is a store', async () => {
  const { compile } = await import(join(MODULES, 'svelte/src/compiler/index.js'));
  const component = `<script>import { session } from './svelte.js';</script>{#if $session !== undefined}<p>Hello, {$session?.name ?? 'nobody'}</p>{/if}`;
  const plugin = {
    name: 'svelte',
    setup: (builder) => {
      builder.onResolve({ filter: /App\.svelte$/ }, () => ({ path: 'App', namespace: 'component' }));
      builder.onLoad({ filter: /.*/, namespace: 'component' }, () => ({ contents: compile(component, { generate: 'client' }).js.code, resolveDir: EXAMPLES }));
    },
  };
  return bundle(`import { mount } from 'svelte'; import App from './App.svelte'; mount(App, { target: document.querySelector('main') });`, [plugin]);
}, followsTheSession);

scene('angular.js gives HttpClient the token, for the named origins only', () => bundle(`
  import '@angular/compiler';
  import { provideZonelessChangeDetection } from '@angular/core';
  import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
  import { createApplication } from '@angular/platform-browser';
  import { withToken } from './angular.js';
  const { injector } = await createApplication({ providers: [provideZonelessChangeDetection(), provideHttpClient(withInterceptors([withToken]))] });
  const http = injector.get(HttpClient);
  http.get('/.well-known/jwks.json').subscribe(() => http.get('https://orders.example.com/v1/orders').subscribe(({ orders }) => {
    document.querySelector('main').textContent = orders.length + ' orders';
  }));`), async (page, sent) => {
  const own = page.waitForRequest('**/.well-known/jwks.json');
  await page.reload();
  assert.equal((await (await own).allHeaders()).authorization, undefined);
  await page.getByText('3 orders').waitFor();
  assert.match(sent[0].token, /^Bearer ey/);
});

scene('htmx.js sends what a page’s markup asks for through the client', () => bundle(`
  import 'htmx.org';
  import './htmx.js';`), async (page, sent) => {
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('7 orders').waitFor();
  assert.match(sent.at(-1).token, /^Bearer ey/);
}, { markup: '<button hx-get="https://orders.example.com/v1/orders.html" hx-target="#here">Show</button><div id="here"></div>' });

scene('sdk.js gives libraries that wrap fetch the client’s', () => bundle(`
  import { orders, typed } from './sdk.js';
  const one = await orders.get('orders').json();
  const { data } = await typed.GET('/orders');
  await orders.post('orders', { json: { screws: 7 } });
  document.querySelector('main').textContent = one.orders.length + data.orders.length + ' orders';`), async (page, sent) => {
  await page.getByText('6 orders').waitFor();
  assert.deepEqual(sent.map(({ method }) => method), ['GET', 'GET', 'POST']);
  for (const { token } of sent) assert.match(token, /^Bearer ey/);
});

scene('runs.js starts a run once and shows what it says', () => bundle(`import './runs.js';`), async (page, sent) => {
  await page.getByText('succeeded: Reading accounts.csv, 1,204 accounts').waitFor();
  const [start] = sent.filter(({ method }) => method === 'POST');
  assert.match(start.token, /^Bearer ey/);
}, { api: true });
