// What a hostile address, API or page could try with the browser client, and does not get.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { AT_HOME, Api, enter, openApplication, serveApplication } from './application.mjs';
import { played } from './browser.mjs';
import { Stage } from './stage.mjs';

const LISTED = 'https://orders.example.com';

let stage;
let gateway;
let browser;
let api;
let stranger;
before(async () => {
  stage = await Stage.open();
  ({ gateway, browser } = stage);
  [api, stranger] = [await Api.start(), await Api.start()];
});
after(async () => {
  await stage?.close();
  await api?.stop();
  await stranger?.stop();
});

/** A tab with Ada signed in. `sent` notes each request to an address that the test plays, with what it carried. */
const scene = (name, play) => test(name, async () => {
  stranger.requests.length = 0;
  const person = await browser.person(AT_HOME);
  const sent = [];
  await played(person, async () => {
    await person.route((url) => /example|evil/.test(url.hostname), async (route) => {
      const headers = await route.request().allHeaders();
      sent.push({ url: route.request().url(), headers });
      await route.fulfill({ headers: { 'access-control-allow-origin': '*' }, json: {} });
    });
    await serveApplication(gateway, person);
    const first = await person.newPage();
    await enter(gateway, first, 'ada');
    await first.close();
    const page = await openApplication(gateway, person, { apis: { [LISTED]: { scope: 'orders:read' }, ...api.apis } });
    await play(page, { sent, person });
  });
});

const fetches = (page, address) => page.evaluate(
  (url) => outcome(gatelet.fetch(url).then(({ status, type }) => ({ status, type }))), address,
);

scene('only the listed origin itself is sent a token, and none that looks like it', async (page, { sent }) => {
  const alike = [
    'https://orders.example.com.evil.test/v1', 'https://orders.example.comevil.test/', 'https://evil.test/https://orders.example.com/',
    'https://evil.test/?https://orders.example.com', 'https://evil.test#https://orders.example.com', 'http://orders.example.com/v1',
    'https://orders.example.com:8443/v1', 'https://sub.orders.example.com/', 'https://orders-example.com/', 'https://example.com/',
    '//evil.test/api/me', '\\\\evil.test\\api\\me', 'https:\\\\evil.test/api/me', 'https://orders.example.com\\.evil.test/',
    'https://orders.exаmple.com/', '/\t/evil.test/api/me', `https://${LISTED.slice(8)}%2eevil.test/`,
  ];
  for (const address of alike) await fetches(page, address);
  const carried = sent.filter(({ url }) => new URL(url).origin !== LISTED);
  assert.ok(carried.length >= 12, `${carried.length} were really asked`);
  for (const { url, headers } of carried) {
    assert.equal(headers.authorization, undefined, url);
    assert.equal(headers['x-gatelet-csrf'], undefined, url);
  }
  for (const own of [`${LISTED}/v1`, 'https://ORDERS.example.com:443/v1/../v2']) await fetches(page, own);
  const trusted = sent.filter(({ url }) => new URL(url).origin === LISTED);
  assert.ok(trusted.slice(-2).every(({ headers }) => headers.authorization?.startsWith('Bearer ')));
  assert.ok(trusted.every(({ headers }) => headers['x-gatelet-csrf'] === undefined));
});

scene('an address with a name and a password in it is refused by the platform', async (page, { sent }) => {
  for (const address of [`https://orders.example.com@evil.test/`, `https://ada:secret@orders.example.com/`]) {
    const { error } = await fetches(page, address);
    assert.equal(error.name, 'TypeError');
  }
  assert.deepEqual(sent, []);
});

scene('a redirect takes no token along: it is not followed where one was sent', async (page) => {
  const target = encodeURIComponent(`${stranger.origin}/stolen`);
  const { value } = await fetches(page, `${api.origin}/leads?to=${target}`);
  assert.equal(value.type, 'opaqueredirect');
  assert.deepEqual(stranger.requests, []);
  await page.evaluate((url) => outcome(gatelet.fetch(url, { redirect: 'follow' })), `${api.origin}/leads?to=${target}`);
  assert.deepEqual(stranger.requests, [], 'not even where the page asks for it');
});

scene('a redirect out of our own origin is not followed', async (page, { person }) => {
  await person.route('**/api/leads', (route) => route.fulfill({ status: 307, headers: { location: `${stranger.origin}/stolen` } }));
  for (const address of ['/api/leads', '/app/../api/leads']) {
    assert.equal((await fetches(page, address)).value.type, 'opaqueredirect');
  }
  assert.deepEqual(stranger.requests, []);
});

scene('on our own origin only the API is sent a token', async (page) => {
  const seen = [];
  page.on('request', (request) => seen.push(request.allHeaders().then((headers) => [request.url(), headers])));
  for (const path of ['/app', '/api', '/apis', '/assets/icon.svg', '/api/../app', '/%61pi/me', '//localhost.evil.test/api/me']) await fetches(page, path);
  assert.ok(seen.length >= 5);
  for (const [url, headers] of await Promise.all(seen)) {
    assert.equal(headers.authorization, undefined, url);
    assert.equal(headers['x-gatelet-csrf'], undefined, url);
  }
  assert.equal((await fetches(page, '/api/me')).value.status, 200);
  assert.match((await Promise.all(seen)).find(([url]) => url === `${gateway.address}/api/me`)[1].authorization, /^Bearer /);
});

scene('an application’s own Authorization header does not reach the gateway’s API in its place', async (page) => {
  const status = await page.evaluate(async () => (await gatelet.fetch('/api/me', { headers: { authorization: 'Bearer forged' } })).status);
  assert.equal(status, 200);
});

scene('no-cors cannot carry a token, so that nothing is sent', async (page, { sent }) => {
  const { error } = await page.evaluate((url) => outcome(gatelet.fetch(url, { mode: 'no-cors' })), `${LISTED}/v1`);
  assert.equal(error.code, 'unavailable');
  assert.deepEqual(sent, []);
});

scene('a place to return to that is none of ours is refused before anybody leaves', async (page) => {
  const hostile = [
    'https://evil.test/', '//evil.test', '/\\evil.test', '\\\\evil.test', '/\t/evil.test', '/\n/evil.test', 'javascript:alert(1)',
    'data:text/html,x', '', 'app', '?view=orders', '#x', ' /app', 'http:evil.test', '/\r//evil.test',
  ];
  for (const returnTo of hostile) {
    const code = await page.evaluate((path) => {
      try {
        gatelet.signIn('pocket', { returnTo: path });
        return 'left';
      } catch (error) {
        return error.code;
      }
    }, returnTo);
    assert.equal(code, 'not_valid', JSON.stringify(returnTo));
  }
  assert.equal(new URL(page.url()).pathname, '/app');
});

scene('no name of a provider leads to another path', async (page) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const name of ['..', '../../api/me', 'a/b', '%2e%2e', 'pocket?target=//evil.test', 'pocket#', 'a\r\nb', ' ']) {
    const code = await page.evaluate((text) => {
      try { return gatelet.signIn(text); } catch (error) { return error.code; }
    }, name);
    assert.equal(code, 'not_valid', JSON.stringify(name));
  }
  assert.deepEqual(asked, []);
});

scene('what is asked for cannot become another parameter or another header', async (page) => {
  const asked = page.waitForRequest((request) => request.url().includes('/auth/login/'));
  await page.evaluate(() => gatelet.signIn('pocket', {
    returnTo: '/app?x=1&step_up=1', tenant: 'acme&target=//evil.test', acr: 'a\r\nset-cookie: x=1', loginHint: 'ada#',
  })).catch(() => {});
  const { searchParams, hash } = new URL((await asked).url());
  assert.equal(searchParams.get('tenant'), 'acme&target=//evil.test');
  assert.deepEqual(searchParams.getAll('target'), ['/app?x=1&step_up=1']);
  assert.deepEqual(searchParams.getAll('step_up'), []);
  assert.equal(hash, '');
  await page.goto(`${gateway.address}/app`);
});

scene('a client is not made for what is no origin', async (page) => {
  for (const origin of ['https://orders.example.com/', 'https://orders.example.com/v1', 'https://*.example.com', 'https://ada@orders.example.com', 'HTTPS://orders.example.com', 'null', '', 'data:x']) {
    const made = await page.evaluate(async (listed) => {
      const { createGatelet } = await import('/assets/gatelet.js');
      try {
        createGatelet({ apis: { [listed]: {} } }).close();
        return 'made';
      } catch (error) {
        return error.code ?? error.name;
      }
    }, origin);
    assert.match(made, /not_valid|TypeError/, origin);
  }
});

scene('the token is in memory only', async (page, { person }) => {
  const token = await page.evaluate(() => gatelet.token());
  await page.evaluate(() => gatelet.session());
  const kept = await page.evaluate(async () => [
    { ...localStorage }, { ...sessionStorage }, document.cookie, location.href, window.name, history.state,
    await indexedDB.databases(), await caches.keys(), Object.keys(gatelet), JSON.stringify(gatelet), JSON.stringify(seen),
  ]);
  assert.ok(!JSON.stringify(kept).includes(token));
  assert.deepEqual(kept.slice(0, 3), [{}, {}, '']);
  assert.deepEqual(kept.slice(6, 8), [[], []]);
  const state = JSON.stringify(await person.storageState({ indexedDB: true }));
  assert.ok(!state.includes(token));
});

scene('another site gets neither token nor message', async (page, { person }) => {
  await page.evaluate(() => gatelet.token());
  const other = await person.newPage();
  await other.route('http://evil.localhost/**', (route) => route.fulfill({ contentType: 'text/html', body: '<title>Evil</title>' }));
  await other.goto('http://evil.localhost/');
  await other.evaluate(() => {
    globalThis.heard = [];
    const channel = new BroadcastChannel('gatelet');
    channel.onmessage = ({ data }) => heard.push(data);
    channel.postMessage({ type: 'ended', reason: 'here' });
  });
  await page.evaluate(async () => { await gatelet.token(); await gatelet.session({ fresh: true }); });
  assert.deepEqual(await other.evaluate(() => heard), []);
  assert.deepEqual(await page.evaluate(() => seen.filter(([event]) => event === 'ended')), []);
});

scene('nonsense on the channel breaks nothing', async (page, { person }) => {
  const other = await person.newPage();
  await other.goto(`${gateway.address}/app`);
  await other.evaluate(() => {
    const channel = new BroadcastChannel('gatelet');
    for (const message of ['ended', 7, [], {}, { type: 'token' }, { type: 'token', key: 1, value: {}, expiresAt: 'x' }, { type: 'hello', key: null }]) {
      channel.postMessage(message);
    }
  });
  assert.equal((await fetches(page, '/api/me')).value.status, 200);
  assert.deepEqual(await page.evaluate(() => seen.filter(([event]) => event === 'ended')), []);
});
