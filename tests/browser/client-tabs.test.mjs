// Several tabs with the browser client: they share one token without a lock, and one end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { enter, hears, openApplication, serveApplication, startClient, told } from './application.mjs';
import { played } from './browser.mjs';
import { eventually } from './gateway.mjs';
import { Stage } from './stage.mjs';

let stage;
let gateway;
let browser;
before(async () => {
  stage = await Stage.open();
  ({ gateway, browser } = stage);
});
after(() => stage?.close());

/** A person with tabs of an application. `asks` counts the requests for a token. */
const scene = (name, play) => test(name, async () => {
  const person = await browser.person();
  person.asks = 0;
  person.on('request', (request) => { person.asks += Number(new URL(request.url()).pathname === '/auth/token'); });
  await played(person, async () => {
    await serveApplication(gateway, person);
    const first = await person.newPage();
    await enter(gateway, first, 'ada');
    await first.close();
    await play(person);
  });
});

const open = (person) => openApplication(gateway, person);
const token = (page) => page.evaluate(() => gatelet.token());

/**
 * The time of a test: the pages' clocks are moved, and the gateway's answers say that it moved along. Until
 * `begin` it flows.
 */
class PlayedTime {
  constructor(person) {
    this.person = person;
    this.ahead = 0;
  }

  async install() {
    await this.person.clock.install();
    await this.person.addInitScript(() => {
      globalThis.underWay = 0;
      const real = globalThis.fetch;
      globalThis.fetch = (...words) => {
        globalThis.underWay += 1;
        return real(...words).finally(() => { globalThis.underWay -= 1; });
      };
    });
    await this.person.route(`${gateway.address}/auth/**`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, headers: { ...answer.headers(), date: this.date() } });
    });
  }

  /** From here on the clocks stand unless they are moved. */
  async begin() {
    this.begun = Date.now() + 1000;
    await this.person.clock.pauseAt(this.begun);
  }

  /** What the gateway's clock shows, in seconds. */
  now() {
    return Math.floor((this.begun ?? Date.now()) / 1000 + this.ahead);
  }

  date() {
    return new Date(this.now() * 1000).toUTCString();
  }

  /** A jump, as when nothing happens for a while. */
  async pass(seconds) {
    this.ahead += seconds;
    await this.person.clock.fastForward(seconds * 1000);
  }

  /** Second by second, each with whatever is asked in it. */
  async tick(seconds) {
    for (let second = 0; second < seconds; second += 1) {
      this.ahead += 1;
      await this.person.clock.runFor(1000);
      await eventually('nothing is under way', async () => {
        const counts = await Promise.all(this.person.pages().map((page) => page.evaluate(() => globalThis.underWay)));
        return counts.every((count) => !count);
      });
    }
  }
}

/** How long a token lives at most. The gateway takes off a few seconds of its own choice. */
const LIFE = 900;

// Proves L 1.
scene('five tabs over three lifetimes of a token ask once for each', async (person) => {
  const time = new PlayedTime(person);
  await time.install();
  const tabs = [];
  for (let count = 0; count < 5; count += 1) tabs.push(await open(person));
  // Each draws another delay, so that no two are due in the same step of the played time.
  for (const [index, tab] of tabs.entries()) await tab.evaluate((drawn) => { Math.random = () => drawn; }, index / tabs.length);
  const first = await token(tabs[0]);
  for (const tab of tabs.slice(1)) assert.equal(await token(tab), first, 'a new tab says hello and is given it');
  assert.equal(person.asks, 1);
  await time.begin();
  for (let life = 1; life <= 3; life += 1) {
    await time.pass(LIFE - 200);
    assert.equal(person.asks, life, 'nobody is early');
    for (let step = 0; step < 150 && person.asks === life; step += 1) await time.tick(1);
    await Promise.all(tabs.map((tab) => hears(tab, 'token', 1 + life)));
    await time.tick(45);
    assert.equal(person.asks, 1 + life, `lifetime ${life}`);
    const held = new Set(await Promise.all(tabs.map(token)));
    assert.equal(held.size, 1, 'all hold the same');
    assert.equal(person.asks, 1 + life, 'and nobody had to ask for it');
  }
});

scene('a tab that froze while it asked holds nobody up', async (person) => {
  const [leader, follower] = [await open(person), await open(person)];
  // The leader's request for a token never comes to anything.
  await leader.route('**/auth/token', () => {});
  leader.evaluate(() => { gatelet.token().catch(() => {}); });
  await eventually('the leader asks', () => person.asks === 1);
  const begun = Date.now();
  assert.match(await token(follower), /^ey/);
  const waited = Date.now() - begun;
  assert.ok(waited > 1000 && waited < 4000, `${waited} ms`);
  assert.equal(person.asks, 2);
});

// Proves L 1.
scene('four tabs that are forced in the same instant each get a token', async (person) => {
  const tabs = [];
  for (let count = 0; count < 4; count += 1) tabs.push(await open(person));
  await Promise.all(tabs.map(token));
  await person.route('**/api/forced', (route) => {
    const refused = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, body: '' };
    const again = route.request().headers()['x-again'];
    return route.fulfill(again ? { status: 200, body: 'done' } : refused);
  });
  const before = await Promise.all(tabs.map(token));
  const at = Date.now() + 500;
  const results = await Promise.all(tabs.map((tab) => tab.evaluate(async (instant) => {
    const real = fetch;
    let count = 0;
    globalThis.fetch = (request, init) => {
      if (new URL(request.url).pathname === '/api/forced' && (count += 1) > 1) request.headers.set('x-again', '1');
      return real(request, init);
    };
    await new Promise((resolve) => { setTimeout(resolve, instant - Date.now()); });
    const answer = await gatelet.fetch('/api/forced');
    return [answer.status, await gatelet.token()];
  }, at)));
  for (const [index, [status, value]] of results.entries()) {
    assert.equal(status, 200);
    assert.notEqual(value, before[index], 'another token than the refused one');
  }
});

scene('somebody else signs in in another tab: nothing of theirs mixes with what is shown here', async (person) => {
  const page = await open(person);
  const { name } = await page.evaluate(() => gatelet.session());
  assert.equal(name, 'Ada');
  const before = await token(page);
  const other = await person.newPage();
  await enter(gateway, other, 'gus');
  await other.goto(`${gateway.address}/app`);
  await startClient(other);
  await token(other);
  const reply = await page.evaluate(() => outcome(gatelet.fetch('/api/me').then((answer) => answer.json())));
  const sessions = await told(page, 'session');
  if (reply.value) assert.equal(reply.value.tenant, 'globex', 'after the page was told');
  assert.deepEqual(await hears(page, 'ended'), [{ reason: 'other-tab' }]);
  assert.equal((await told(page, 'session')).at(-1).name, 'Gus');
  assert.ok(sessions.length >= 1);
  assert.notEqual(await token(page), before);
});

scene('somebody else signed in where no client told it: the next token shows it, and is not used', async (person) => {
  const page = await open(person);
  await page.evaluate(() => gatelet.session());
  await token(page);
  const other = await person.newPage();
  await other.route('**/assets/**', (route) => route.abort());
  await enter(gateway, other, 'gus');
  assert.deepEqual(await told(page, 'ended'), []);
  const { error } = await page.evaluate(() => outcome(gatelet.token(undefined, { fresh: true })));
  assert.equal(error.code, 'signed_out');
  assert.deepEqual(await hears(page, 'ended'), [{ reason: 'other-tab' }]);
  assert.equal((await told(page, 'session')).at(-1).name, 'Gus');
});

scene('a new session of the same person ends nothing that is shown', async (person) => {
  const page = await open(person);
  await page.evaluate(() => gatelet.session());
  await token(page);
  const other = await person.newPage();
  await other.goto(`${gateway.address}/auth/login/pocket?target=/&step_up=1`);
  await other.locator('button[value="ada"]').click();
  await other.waitForURL(`${gateway.address}/**`);
  await other.goto(`${gateway.address}/app`);
  await startClient(other);
  await other.evaluate(() => gatelet.session());
  await token(other);
  assert.equal(await page.evaluate(async () => (await gatelet.fetch('/api/me')).status), 200);
  assert.deepEqual(await told(page, 'ended'), []);
});

scene('whoever comes back from the browser’s memory is checked, and held no token there', async (person) => {
  const page = await open(person);
  await page.evaluate(() => gatelet.session());
  const held = await token(page);
  await page.evaluate(() => { globalThis.kept = true; });
  await page.goto(`${gateway.address}/.well-known/openapi.json`);
  await page.goBack({ waitUntil: 'commit' });
  assert.equal(await page.evaluate(() => globalThis.kept), true, 'the browser kept the page');
  assert.notEqual(await token(page), held, 'the token was forgotten');
  await page.goto(`${gateway.address}/.well-known/openapi.json`);
  const second = await open(person);
  await second.evaluate(() => gatelet.signOut());
  await page.goBack({ waitUntil: 'commit' });
  // A message that comes for a page in its memory makes the browser give the page up: it is made anew and knows nobody.
  await eventually('nobody is here', () => page.evaluate(
    () => !globalThis.kept || seen.some(([event]) => event === 'ended'),
  ));
});

scene('an idle session is announced, can be extended, and ends as idle where nobody does', async (person) => {
  const time = new PlayedTime(person);
  let ends = null;
  await time.install();
  // The gateway's own session does not idle while the pages' time is played, so its end is played too.
  await person.route('**/auth/session*', async (route) => {
    const now = time.now();
    ends ??= now + 3600;
    if (now >= ends) {
      return route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"code":"sign_in_required"}', headers: { date: time.date() } });
    }
    const answer = await route.fetch();
    const body = { ...await answer.json(), now, idle_ends_at: ends };
    return route.fulfill({ response: answer, json: body, headers: { ...answer.headers(), date: time.date() } });
  });
  await person.route('**/auth/session/extend', async (route) => {
    ends = time.now() + 3600;
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...await answer.json(), idle_ends_at: ends }, headers: { ...answer.headers(), date: time.date() } });
  });
  const page = await open(person);
  await page.evaluate(() => gatelet.session());
  await page.evaluate(() => gatelet.on('expiring', ({ extend }) => { globalThis.extend = extend; }));
  await time.begin();
  await time.pass(3600 - 125);
  assert.deepEqual(await told(page, 'expiring'), []);
  await time.tick(8);
  const [first] = await hears(page, 'expiring');
  assert.equal(first.kind, 'idle');
  await page.evaluate(() => extend());
  await time.tick(5);
  assert.equal((await told(page, 'expiring')).length, 1, 'said once');
  await time.pass(3600 - 100);
  await time.tick(5);
  assert.equal((await hears(page, 'expiring', 2)).length, 2, 'and once more for the new end');
  await time.pass(110);
  await time.tick(5);
  assert.deepEqual(await hears(page, 'ended'), [{ reason: 'idle' }]);
  assert.deepEqual((await told(page, 'session')).at(-1), null);
});

scene('the absolute end is announced twice and cannot be moved', async (person) => {
  const time = new PlayedTime(person);
  let ends = null;
  await time.install();
  await person.route('**/auth/session', async (route) => {
    const now = time.now();
    ends ??= now + 1000;
    const date = time.date();
    if (now >= ends) return route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"code":"sign_in_required"}', headers: { date } });
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...await answer.json(), now, idle_ends_at: ends, ends_at: ends }, headers: { ...answer.headers(), date } });
  });
  const page = await open(person);
  await page.evaluate(() => gatelet.session());
  await time.begin();
  await time.pass(405);
  await time.tick(3);
  const [first] = await hears(page, 'expiring');
  assert.deepEqual({ kind: first.kind, extend: first.extend }, { kind: 'absolute', extend: null });
  await time.pass(480);
  await time.tick(3);
  assert.equal((await hears(page, 'expiring', 2)).length, 2);
  await time.pass(115);
  await time.tick(3);
  assert.deepEqual(await hears(page, 'ended'), [{ reason: 'absolute' }]);
});

scene('after a sleep the next call renews first', async (person) => {
  const time = new PlayedTime(person);
  await time.install();
  const page = await open(person);
  const before = await token(page);
  await time.begin();
  // Asleep: no timer ran, and only one of the two clocks went on.
  await person.clock.setSystemTime(Date.now() + 3_600_000);
  time.ahead += 3600;
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const calling = page.evaluate(async () => (await gatelet.fetch('/api/me')).status);
  await time.tick(2);
  assert.equal(await calling, 200);
  assert.deepEqual(asked.filter((path) => path !== '/auth/session').slice(-2), ['/auth/token', '/api/me']);
  assert.notEqual(await token(page), before);
});
