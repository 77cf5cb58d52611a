// The browser client in a real browser: each member, each event, each code.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { AT_HOME, Api, enter, hears, openApplication, serveApplication, startClient, told } from './application.mjs';
import { played } from './browser.mjs';
import { Gateway, eventually } from './gateway.mjs';
import { Stage } from './stage.mjs';

let stage;
let gateway;
let browser;
let api;
before(async () => {
  stage = await Stage.open();
  ({ gateway, browser } = stage);
  api = await Api.start();
});
after(async () => {
  await stage?.close();
  await api?.stop();
});

/** A tab of an application with somebody signed in, or nobody. */
const scene = (name, { as, ...options }, play) => test(name, async () => {
  api.requests.length = 0;
  const person = await browser.person(AT_HOME);
  await played(person, async () => {
    await serveApplication(gateway, person);
    if (as) {
      const first = await person.newPage();
      await enter(gateway, first, as);
      await first.close();
    }
    await play(await openApplication(gateway, person, { apis: api.apis, ...options }), person);
  });
});

const call = (page, script) => page.evaluate((text) => globalThis.outcome(eval(text)), script);
const status = (page, script) => page.evaluate(async (text) => (await eval(text)).status, script);

scene('nobody is signed in: the session is null, and a token is refused as signed out', {}, async (page) => {
  assert.deepEqual(await call(page, 'gatelet.session()'), { value: null });
  const { error } = await call(page, 'gatelet.token()');
  assert.equal(error.code, 'signed_out');
  assert.equal(error.problem, 'sign_in_required');
  assert.equal(error.isOurs, true);
  assert.match(error.traceId, /^[0-9a-f]{32}$/);
  assert.deepEqual(await told(page, 'session'), [null], 'said once');
  assert.deepEqual(await told(page, 'ended'), [], 'nothing ended that was not there');
  assert.equal((await call(page, `gatelet.fetch('/api/me').then((answer) => answer.status)`)).error.code, 'signed_out');
});

scene('somebody is signed in: the session has its facts, by the server’s clock', { as: 'ada' }, async (page) => {
  const { value } = await call(page, 'gatelet.session()');
  assert.equal(value.tenant, 'acme');
  assert.equal(value.tenantTitle, 'Acme');
  assert.equal(value.role, 'admin');
  assert.equal(value.name, 'Ada');
  assert.equal(value.provider, 'pocket');
  assert.deepEqual(value.can.extend, { allowed: true });
  assert.equal('now' in value, false);
  const now = await page.evaluate(() => gatelet.now());
  assert.ok(Math.abs(now - Date.now() / 1000) < 5);
  assert.ok(value.idleEndsAt > now && value.endsAt > value.idleEndsAt);
  await call(page, 'gatelet.session({ fresh: true })');
  assert.equal((await told(page, 'session')).length, 1, 'the same facts are no news');
});

scene('asking for the session does not keep it awake; extend does', { as: 'ada' }, async (page) => {
  const { value: first } = await call(page, 'gatelet.session()');
  await eventually('the clock went on', async () => (await page.evaluate(() => gatelet.now())) > first.begunAt + 2);
  assert.equal((await call(page, 'gatelet.session({ fresh: true })')).value.idleEndsAt, first.idleEndsAt);
  const { value: extended } = await call(page, 'gatelet.extend()');
  assert.ok(extended.idleEndsAt > first.idleEndsAt);
  assert.equal((await told(page, 'session')).length, 2);
});

scene('a token goes to our own API and to the listed ones, each with its audience', { as: 'eda' }, async (page) => {
  const me = await page.evaluate(async () => (await gatelet.fetch('/api/me')).json());
  assert.equal(me.tenant, 'acme');
  const { value: own } = await call(page, 'gatelet.claims()');
  assert.equal(own.aud, `${gateway.address}/api`);
  const { value: orders } = await call(page, `gatelet.claims('${api.origin}')`);
  assert.equal(orders.aud, 'https://orders.example.com');
  assert.equal(orders.scope, 'orders:read');
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/orders')`), 200);
  const [asked] = api.asked('/orders');
  const { value: token } = await call(page, `gatelet.token('${api.origin}')`);
  assert.equal(asked.token, token);
  assert.equal(asked.headers['x-gatelet-csrf'], undefined, 'that header is for our own origin');
  assert.equal(asked.headers.cookie, undefined);
  const events = await told(page, 'token');
  assert.deepEqual(events.map(({ audience, from }) => [audience, from]), [[gateway.address, 'server'], [api.origin, 'server']]);
  assert.deepEqual(Object.keys(events[0]).sort(), ['audience', 'expiresAt', 'from'], 'never the value');
  assert.equal(gateway.answered('/auth/token', 200) >= 2, true);
  assert.equal((await call(page, `gatelet.token('https://else.example')`)).error.code, 'not_listed');
});

scene('a name with letters beyond ASCII is read from the claims', { as: 'ada' }, async (page) => {
  const claims = await page.evaluate(async () => {
    const body = btoa(String.fromCharCode(...new TextEncoder().encode('{"name":"Zoë Ångström","sid":"x"}')));
    const real = fetch;
    globalThis.fetch = async (request) => (String(request.url).endsWith('/auth/token')
      ? Response.json({ access_token: `e30.${body.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')}.e30`, expires_in: 900 })
      : real(request));
    const read = await gatelet.claims();
    globalThis.fetch = real;
    return read;
  });
  assert.equal(claims.name, 'Zoë Ångström');
});

scene('a refused token is renewed once, and the call repeated once, with its body', { as: 'ada' }, async (page) => {
  const sent = `{ method: 'POST', body: JSON.stringify({ screws: 7 }) }`;
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/refuses/one', ${sent})`), 200);
  const [first, second, ...more] = api.asked('/refuses/one');
  assert.deepEqual(more, []);
  assert.notEqual(first.token, second.token);
  assert.equal(second.body, '{"screws":7}');
  const request = `new Request('${api.origin}/refuses/two', { method: 'PUT', body: 'whole' })`;
  assert.equal(await status(page, `gatelet.fetch(${request})`), 200);
  assert.deepEqual(api.asked('/refuses/two').map(({ body }) => body), ['whole', 'whole']);
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/refuses/always?times=99')`), 401, 'the answer, not an endless try');
  assert.equal(api.asked('/refuses/always').length, 2);
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/forbids/it')`), 401, 'nothing says that the token is to blame');
  assert.equal(api.asked('/forbids/it').length, 1);
});

scene('what is away for a moment is asked again only where that is harmless', { as: 'ada' }, async (page) => {
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/busy/get')`), 200);
  assert.equal(api.asked('/busy/get').length, 2);
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/busy/post', { method: 'POST', body: 'x' })`), 503);
  assert.equal(api.asked('/busy/post').length, 1);
  const keyed = `{ method: 'POST', body: 'x', headers: { 'idempotency-key': 'k' } }`;
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/busy/keyed', ${keyed})`), 200);
  assert.deepEqual(api.asked('/busy/keyed').map(({ body }) => body), ['x', 'x']);
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/busy/long?wait=600')`), 503, 'nobody waits ten minutes');
  assert.equal(api.asked('/busy/long').length, 1);
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/busy/ever?times=99')`), 503);
  assert.equal(api.asked('/busy/ever').length, 3);
});

scene('a call can be called off, also while it waits', { as: 'ada' }, async (page) => {
  const { error } = await call(page, `gatelet.fetch('${api.origin}/orders', { signal: AbortSignal.abort() })`);
  assert.equal(error.name, 'AbortError');
  const script = `(() => {
    const control = new AbortController();
    setTimeout(() => control.abort(), 200);
    return gatelet.fetch('${api.origin}/busy/called-off?wait=9', { signal: control.signal });
  })()`;
  assert.equal((await call(page, script)).error.name, 'AbortError');
  assert.equal(api.asked('/busy/called-off').length, 1);
});

scene('an API that is not there is `unavailable`, which says nothing of the gateway', { as: 'ada', apis: { 'http://127.0.0.1:1': { audience: 'https://orders.example.com' } } }, async (page) => {
  const { error } = await call(page, `gatelet.fetch('http://127.0.0.1:1/orders')`);
  assert.equal(error.code, 'unavailable');
  assert.deepEqual(await told(page, 'connection'), []);
});

scene('an API that asks for a fresher sign-in: the call rejects, and a listener may lead there', { as: 'ada' }, async (page) => {
  const script = `gatelet.fetch('${api.origin}/step-up/x')`;
  await page.evaluate(() => { gatelet.close(); });
  await page.evaluate(async (apis) => { globalThis.bare = (await import('/assets/gatelet.js')).createGatelet({ apis }); }, api.apis);
  const { error } = await call(page, script.replace('gatelet', 'bare'));
  assert.equal(error.code, 'step_up_needed');
  assert.deepEqual(error.needed, { maxAge: 300, acr: 'phr mfa' });
  await page.evaluate(() => { bare.on('step-up', ({ cancel }) => cancel()); });
  assert.equal((await call(page, script.replace('gatelet', 'bare'))).error.code, 'step_up_needed');
  assert.equal(api.asked('/step-up/x').length, 2, 'nothing is repeated by itself');
  await page.evaluate((text) => {
    bare.on('step-up', ({ resume }) => resume());
    eval(text).catch((refused) => { globalThis.refused = refused.code; });
  }, script.replace('gatelet', 'bare'));
  await page.waitForURL(`${gateway.provider}/**`);
  assert.equal(api.asked('/step-up/x').length, 3);
  const cookies = await page.context().cookies(gateway.address);
  assert.ok(cookies.some(({ name }) => name === 'bff_session'), 'the session goes on');
});

scene('signing out in one tab ends it in all, each told why', { as: 'ada' }, async (page, person) => {
  const second = await openApplication(gateway, person, { apis: api.apis });
  await call(page, 'gatelet.session()');
  await call(second, 'gatelet.session()');
  await call(second, 'gatelet.token()');
  await call(page, 'gatelet.signOut()');
  assert.deepEqual(await hears(page, 'ended'), [{ reason: 'here' }]);
  assert.deepEqual(await hears(second, 'ended'), [{ reason: 'other-tab' }]);
  assert.equal((await told(second, 'session')).at(-1), null);
  assert.deepEqual(await call(second, 'gatelet.session()'), { value: null });
  assert.equal((await call(second, 'gatelet.token()')).error.code, 'signed_out');
  assert.equal((await told(second, 'ended')).length, 1, 'once is enough');
  assert.equal((await call(page, 'gatelet.signOut()')).error, undefined, 'whoever is signed out already succeeds');
});

scene('what was revoked elsewhere ends at the next call', { as: 'ada' }, async (page, person) => {
  await call(page, 'gatelet.session()');
  // Another page of the gateway that has no client: its sign-out is told to nobody.
  const other = await person.newPage();
  await other.goto(`${gateway.address}/app`);
  const ended = await other.evaluate(async () => (await fetch('/auth/logout', {
    method: 'POST', headers: { 'x-gatelet-csrf': '1' }, body: new URLSearchParams({ everywhere: 'true' }),
  })).status);
  assert.equal(ended, 200);
  assert.equal((await call(page, `gatelet.fetch('/api/me')`)).error.code, 'signed_out');
  assert.deepEqual(await hears(page, 'ended'), [{ reason: 'revoked' }]);
});

scene('without tokens the cookie is what counts', { as: 'ada', mode: 'cookie' }, async (page) => {
  const sent = [];
  page.on('request', async (request) => sent.push([new URL(request.url()).pathname, await request.allHeaders()]));
  assert.equal(await status(page, `gatelet.fetch('/api/me')`), 200);
  assert.equal((await call(page, 'gatelet.token()')).error.code, 'not_listed');
  assert.equal(await status(page, `gatelet.fetch('${api.origin}/orders')`), 200);
  assert.equal(api.asked('/orders')[0].token, undefined);
  const headers = sent.filter(([path]) => path === '/api/me').map(([, all]) => all);
  assert.equal(headers[0]['x-gatelet-csrf'], '1');
  assert.equal(headers[0].authorization, undefined);
  assert.ok(!sent.some(([path]) => path === '/auth/token'));
  await call(page, 'gatelet.signOut()');
  assert.equal((await call(page, `gatelet.fetch('/api/me')`)).error.code, 'signed_out');
});

scene('signIn leads to the provider and back here, with what it was asked for', { as: undefined, tenant: 'acme' }, async (page) => {
  await page.goto(`${gateway.address}/app?view=orders`);
  await startClient(page, { tenant: 'acme' });
  const asked = page.waitForRequest((request) => request.url().includes('/auth/login/'));
  await page.evaluate(() => gatelet.signIn('pocket', { maxAge: 0, acr: 'mfa', loginHint: 'ada' })).catch(() => {});
  const url = new URL((await asked).url());
  assert.equal(url.pathname, '/auth/login/pocket');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    target: '/app?view=orders', tenant: 'acme', max_age: '0', acr: 'mfa', login_hint: 'ada',
  });
});

scene('signIn without a provider leaves the choice to the gateway', {}, async (page) => {
  const asked = page.waitForRequest((request) => request.url().includes('/auth/login'));
  await page.evaluate(() => gatelet.signIn(undefined, { returnTo: '/t/acme/runs?state=failed' })).catch(() => {});
  const url = new URL((await asked).url());
  assert.equal(url.pathname, '/auth/login');
  assert.equal(url.searchParams.get('target'), '/t/acme/runs?state=failed');
});

scene('what else the origin serves is asked as the platform asks it, and says nothing of the gateway', { as: 'ada' }, async (page, person) => {
  await person.route('**/app/busy', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '1' }, body: 'busy' }));
  await person.route('**/app/stranger', (route) => route.fulfill({ status: 401, contentType: 'application/json', body: '{"code":"sign_in_required"}' }));
  await call(page, 'gatelet.session()');
  assert.equal(await status(page, `gatelet.fetch('/app/busy')`), 503);
  assert.equal(await status(page, `gatelet.fetch('/app/stranger')`), 401);
  assert.deepEqual(await told(page, 'connection'), []);
  assert.deepEqual(await told(page, 'ended'), []);
});

test('who moved to another region is told where, and nothing follows by itself', async () => {
  const moving = await Gateway.start();
  const person = await browser.person();
  try {
    await serveApplication(moving, person);
    const first = await person.newPage();
    await enter(moving, first, 'gus');
    await moving.moveAway('globex', 'https://us.gate.example');
    const asked = [];
    person.on('request', (request) => asked.push(new URL(request.url()).host));
    const page = await openApplication(moving, person);
    const { error } = await call(page, 'gatelet.token()');
    assert.equal(error.code, 'other_region');
    assert.equal(error.baseUrl, 'https://us.gate.example/');
    assert.equal(error.status, 421);
    assert.ok(!asked.includes('us.gate.example'));
    assert.deepEqual(await told(page, 'ended'), [], 'the session goes on');
  } finally {
    await person.close();
    await moving.stop();
  }
});

test('an outage is `unavailable`, never “signed out”, and is over when the gateway is back', async () => {
  const own = await Gateway.start();
  const person = await browser.person();
  try {
    await serveApplication(own, person);
    const first = await person.newPage();
    await enter(own, first, 'ada');
    const page = await openApplication(own, person);
    await call(page, 'gatelet.session()');
    await own.halt();
    for (const script of ['gatelet.session({ fresh: true })', 'gatelet.token()', `gatelet.fetch('/api/me')`, 'gatelet.signOut()']) {
      assert.equal((await call(page, script)).error?.code, 'unavailable', script);
    }
    const [lost] = await hears(page, 'connection');
    assert.equal(lost.ok, false);
    assert.ok(lost.retryAt > lost.since);
    assert.deepEqual(await told(page, 'ended'), []);
    await own.serve(['--provider-port', String(own.providerPort)]);
    await eventually('the client finds it by itself', async () => (await told(page, 'connection')).at(-1).ok);
    assert.equal((await call(page, 'gatelet.session()')).value.tenant, 'acme');
    assert.equal((await call(page, `gatelet.fetch('/api/me').then((answer) => answer.status)`)).value, 200);
  } finally {
    await person.close();
    await own.stop();
  }
});
