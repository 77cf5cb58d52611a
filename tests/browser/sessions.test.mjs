// Sessions with real cookies, where the browser and the world around it do what they do: links from elsewhere, pages
// kept in memory, sleep, a server that goes away, and answers that were made to deceive.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { patched } from './answers.mjs';
import { played } from './browser.mjs';
import { Gateway, eventually } from './gateway.mjs';
import { ask } from './session.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** Plays with a person of its own, and fails if the page broke its policy or threw. */
const scene = (name, options, play) => test(name, async () => {
  const person = await stage.person(options);
  await played(person, async () => {
    await play({ person, page: await person.newPage() });
  });
});

const ADDRESS = '/t/acme?from=chat';
const leave = (page) => page.getByRole('banner').getByRole('button', { name: 'Sign out' });

/** Somewhere else on the web. */
async function elsewhere(person, body) {
  await person.route('http://elsewhere.example/**', (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html>${body}` }));
}

// Proves std 34.
scene('a link on another site opens signed in: the document is asked for without the cookie, the session with it', { who: 'eda' }, async ({ person, page }) => {
  await elsewhere(person, `<a href="${stage.gateway.address}${ADDRESS}">The report</a>`);
  const sent = new Map();
  page.on('request', async (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === stage.gateway.address && !sent.has(pathname)) sent.set(pathname, request);
  });
  await page.goto('http://elsewhere.example/chat');
  await page.getByRole('link', { name: 'The report' }).click();
  await leave(page).waitFor();
  const cookie = async (path) => (await sent.get(path).allHeaders()).cookie ?? '';
  assert.ok(!(await cookie('/t/acme')).includes('bff_session='), 'SameSite=Strict holds it back');
  assert.match(await cookie('/auth/session'), /bff_session=/);
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, ADDRESS);
});

scene('a page that the browser kept shows nobody before it has asked again', { who: 'eda' }, async ({ person, page }) => {
  await page.addInitScript(() => {
    addEventListener('pageshow', ({ persisted }) => { window.testKept = persisted; });
  });
  await elsewhere(person, '<h1>Elsewhere</h1>');
  await page.goto(stage.gateway.address + ADDRESS);
  await leave(page).waitFor();
  await page.goto('http://elsewhere.example/');
  let answer;
  await person.route('**/auth/session', (route) => { answer = () => route.continue(); });
  await page.goBack({ waitUntil: 'commit' });
  await eventually('the page asks who is here', () => answer);
  assert.equal(await page.evaluate(() => window.testKept), true, 'the browser kept the page');
  assert.equal(await page.evaluate(() => document.body.innerText.includes('Eda')), false);
  await answer();
  await leave(page).waitFor();
});

scene('a laptop that slept past the end wakes up signed out', { who: 'vic' }, async ({ person, page }) => {
  await page.clock.install();
  await page.goto(stage.gateway.address + ADDRESS);
  await leave(page).waitFor();
  const [{ name, value }] = await person.cookies(stage.gateway.address);
  const headers = { cookie: `${name}=${value}`, 'x-gatelet-csrf': '1', origin: stage.gateway.address };
  const { status } = await ask(`${stage.gateway.address}/auth/logout`, { method: 'POST', headers });
  assert.ok(status < 300, `signing out was answered with ${status}`);
  await page.clock.fastForward('10:00:00');
  await leave(page).waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1, name: /Your session/ }).waitFor();
  assert.doesNotMatch(await page.getByRole('banner').innerText(), /Vic|viewer/);
  assert.equal(await page.getByText('you act here').count(), 0);
});

scene('a clock that jumps ends nothing that the gateway has not ended', { who: 'vic' }, async ({ page }) => {
  await page.clock.install();
  await page.goto(stage.gateway.address + ADDRESS);
  await leave(page).waitFor();
  const asked = page.waitForResponse('**/auth/session');
  await page.clock.fastForward('10:00:00');
  assert.equal((await asked).status(), 200);
  await page.clock.runFor(2_000);
  assert.ok(await leave(page).isVisible());
});

test('a server that is gone and comes back is said both times, and nobody is signed out', async () => {
  const own = new Stage();
  [own.gateway, own.browser] = [await Gateway.start(), stage.browser];
  const person = await own.person({ who: 'eda' });
  try {
    const page = await person.newPage();
    await page.goto(own.gateway.address + ADDRESS);
    await leave(page).waitFor();
    await own.gateway.halt();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
    await page.getByText(/^Not connected/).first().waitFor();
    assert.ok(await leave(page).isVisible(), 'what was read stays');
    assert.equal(await leave(page).getAttribute('aria-disabled'), 'true');
    await own.gateway.serve(['--provider-port', String(own.gateway.providerPort)]);
    await page.getByText(/^Not connected/).first().waitFor({ state: 'detached' });
    assert.equal(await leave(page).getAttribute('aria-disabled'), null);
    assert.deepEqual(person.complaints, []);
  } finally {
    await person.close();
    await own.gateway.stop();
  }
});

const HOSTILE = '<img src=x onerror="window.testHurt = 1"> 🎉 \u202Eמשהו';
const ELEMENT = { type: 'img', props: { src: 'x', onerror: 'window.testHurt = 1' }, key: null, ref: null, constructor: null, __v: 1, __k: null, __e: null };

/** No element came of it, and nothing ran. */
async function unhurt(page) {
  assert.equal(await page.locator('img, script[src=x]').count(), 0);
  assert.equal(await page.evaluate(() => window.testHurt), undefined);
}

scene('names with markup, pictures and other directions stay text', {
  who: 'eda', answers: { '/auth/session': patched({ name: HOSTILE, tenant_title: HOSTILE, provider: HOSTILE }) },
}, async ({ page }) => {
  for (const path of [ADDRESS, '/account']) {
    await page.goto(stage.gateway.address + path);
    await leave(page).waitFor();
    assert.ok((await page.locator('body').innerText()).includes('<img src=x'), 'it is there to be read');
    await unhurt(page);
  }
});

scene('the title of a problem stays text', {
  answers: { '/auth/providers': (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ code: HOSTILE, title: HOSTILE, status: 403, trace_id: HOSTILE }) }) },
}, async ({ page }) => {
  await page.goto(stage.gateway.address);
  await page.locator('[role=alert], main[data-state]').first().waitFor();
  await unhurt(page);
});

scene('an answer that is made like an element of the page’s library stays text', {
  who: 'eda', answers: { '/auth/session': patched({ name: ELEMENT, tenant_title: ELEMENT, provider: [ELEMENT] }) },
}, async ({ page }) => {
  for (const path of [ADDRESS, '/account']) {
    await page.goto(stage.gateway.address + path);
    await page.locator('main h1').waitFor();
    await unhurt(page);
  }
});
