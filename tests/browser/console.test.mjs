// The console in a real browser: who signs in sees it, who signed out is gone, and the cookies are as promised.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { played, post, shown, signIn, signedIn } from './browser.mjs';
import { Gateway, eventually } from './gateway.mjs';
import { Stage } from './stage.mjs';

let stage;
let gateway;
let browser;
before(async () => {
  stage = await Stage.open();
  ({ gateway, browser } = stage);
});
after(() => stage?.close());

/** Runs with a person of its own, and fails if the page broke its policy or threw. */
const scene = (name, play, options) => test(name, async () => {
  await played(await browser.person(options), async (person) => play(person, await person.newPage()));
});

const heading = (page, name) => page.getByRole('heading', { level: 1, name });
const signOut = (page) => page.getByRole('button', { name: 'Sign out', exact: true });

// Proves std 32, 34.
scene('the cookies have the flags that the browser is to enforce', async (person, page) => {
  const pending = [];
  page.on('response', async (answer) => {
    if (new URL(answer.url()).pathname.startsWith('/auth/login/')) pending.push(await answer.headerValue('set-cookie'));
  });
  await signedIn(gateway, page, 'ada');
  const cookies = await person.cookies(gateway.address);
  const session = cookies.find(({ name }) => name === 'bff_session');
  assert.ok(session, 'on http://localhost the cookie goes without its prefix');
  const { httpOnly, sameSite, path, domain, value } = session;
  assert.deepEqual({ httpOnly, sameSite, path, domain }, { httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost' });
  assert.equal(await page.evaluate(() => document.cookie), '', 'no script can read it');
  assert.ok(!(await page.content()).includes(value));
  const login = cookies.find(({ name }) => name.startsWith('bff_login_'));
  assert.equal(login.httpOnly, true);
  assert.equal(login.sameSite, 'Lax');
  const left = login.expires - Date.now() / 1000;
  assert.ok(left > 0 && left <= 600, `it lives ${left} s`);
  assert.equal(pending.length, 1);
  assert.match(pending[0], /; Max-Age=600/);
});

// Proves std 34.
scene('the callback comes without the session cookie, with that of the sign-in', async (person, page) => {
  await signedIn(gateway, page, 'ada', '/account');
  const callbacks = [];
  page.on('request', async (request) => {
    if (new URL(request.url()).pathname.startsWith('/auth/callback/')) callbacks.push(request);
  });
  // A step-up: the session goes on, so that its cookie is there to be sent.
  await page.getByRole('button', { name: 'Prove again who you are' }).click();
  await page.locator('button[value="ada"]').waitFor();
  assert.ok((await person.cookies(gateway.address)).some(({ name }) => name === 'bff_session'));
  await page.locator('button[value="ada"]').click();
  await heading(page, 'Account').waitFor();
  assert.equal(callbacks.length, 1);
  const sent = (await callbacks[0].allHeaders()).cookie ?? '';
  assert.ok(!sent.includes('bff_session='), 'the callback never sees the session');
  assert.match(sent, /bff_login_\d=/);
});

scene('a person sees session, token and claims, and keeps nothing but preferences', async (person, page) => {
  await signedIn(gateway, page, 'eda');
  await page.getByRole('link', { name: 'Eda' }).click();
  await heading(page, 'Account').waitFor();
  const you = await page.locator('[data-part="you"]').innerText();
  assert.match(you, /Acme/);
  assert.match(you, /editor/);
  await page.getByText('What stands in it').click();
  const claims = await page.locator('dl[aria-label="Claims"]').innerText();
  assert.match(claims, /tid\nacme/);
  assert.match(claims, /role\neditor/);
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await page.getByRole('status').filter({ hasText: 'Your session is extended.' }).waitFor({ state: 'attached' });
  const token = await page.evaluate(async () => {
    const answer = await fetch('/auth/token', { method: 'POST', headers: { 'x-gatelet-csrf': '1' } });
    const { access_token: bearer } = await answer.json();
    const me = await fetch('/api/me', { headers: { authorization: `Bearer ${bearer}` } });
    return { bearer, me: await me.json() };
  });
  assert.equal(token.me.tenant, 'acme');
  assert.ok(!/eyJ/.test(await page.content()), 'no token stands on the page');
  await page.getByRole('radio', { name: 'UTC' }).check();
  const kept = await page.evaluate(() => [Object.entries(localStorage), sessionStorage.length]);
  assert.deepEqual(kept, [[['gatelet.preferences', JSON.stringify({ times: 'utc', theme: 'system', motion: 'system', provider: 'pocket', tenant: '' })]], 0]);
});

// Proves L 1.
scene('two tabs that renew a token at once both get one', async (person, page) => {
  await signedIn(gateway, page, 'vic');
  const second = await person.newPage();
  await second.goto(gateway.address);
  await shown(second, 'home');
  const answers = await Promise.all([page, second, page, second].map((tab) => post(tab, '/auth/token')));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
  const tokens = new Set(answers.map(({ body }) => body.access_token));
  assert.equal(tokens.size, 4, 'each has one of its own');
  for (const { body } of answers) assert.ok(!('refresh_token' in body), 'a page never gets a refresh token');
});

scene('a sign-out in one tab is seen in the other', async (person, page) => {
  await signedIn(gateway, page, 'ada');
  const second = await person.newPage();
  await second.goto(`${gateway.address}/account`);
  await second.getByText('What stands in it').click();
  await second.locator('dl[aria-label="Claims"]').waitFor();
  await signOut(page).click();
  await heading(page, /^You are signed out/).waitFor();
  await heading(second, /^You signed out in another tab/).waitFor();
  assert.equal(await second.locator('dl').count(), 0, 'the token’s claims have left the page');
  assert.ok(!/ada@|admin/.test(await second.locator('header').innerText()));
  const cookies = await person.cookies(gateway.address);
  assert.ok(!cookies.some(({ name }) => name === 'bff_session'));
  assert.equal((await post(second, '/auth/token')).status, 401);
  assert.equal(new URL(second.url()).pathname, '/account', 'signing in again returns here');
});

scene('the back button after a sign-out shows nothing of the person', async (person, page) => {
  await signedIn(gateway, page, 'gus', '/account');
  await page.locator('[data-part="token"] details').waitFor();
  // Elsewhere, while another tab signs out: the page with the person's session is in the history.
  await page.goto(`${gateway.address}/.well-known/openapi.json`);
  const second = await person.newPage();
  await second.goto(gateway.address);
  await signOut(second).click();
  await heading(second, /^You are signed out/).waitFor();
  await page.goBack({ waitUntil: 'commit' });
  await page.locator('main[data-state="ended"], main[data-state="sign-in"]').waitFor();
  assert.equal(await page.locator('dl').count(), 0);
  assert.equal(await page.getByText('gus', { exact: true }).count(), 0);
  assert.ok(!/globex|admin/i.test(await page.locator('header').innerText()));
});

scene('who belongs to two tenants chooses one, and the browser remembers which', async (person, page) => {
  await signIn(gateway, page, 'max');
  await heading(page, 'Choose a tenant').waitFor();
  await page.getByRole('radio', { name: 'Globex' }).check();
  await page.keyboard.press('Enter');
  await heading(page, 'Globex').waitFor();
  assert.equal(page.url(), `${gateway.address}/t/globex`, 'the choice has left the address');
  await signOut(page).click();
  await heading(page, /^You are signed out/).waitFor();
  await signIn(gateway, page, 'max');
  await heading(page, 'Choose a tenant').waitFor();
  assert.ok(await page.getByRole('radio', { name: 'Globex' }).isChecked());
});

scene('who is refused is told why, with the trace, and finds the way back', async (person, page) => {
  await signIn(gateway, page, '-', '/t/acme?from=mail');
  await heading(page, 'You were not signed in').waitFor();
  await page.getByText('said no at the provider').waitFor();
  const main = await page.locator('main').innerText();
  assert.match(main, /Code cancelled, trace [0-9a-f]{32}/);
  assert.match(new URL(page.url()).pathname, /^\/error\/cancelled$/);
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await heading(page, 'Sign in').waitFor();
  await page.getByText('/t/acme?from=mail').waitFor();
});

scene('an address cannot put words of its own on the page', async (person, page) => {
  for (const [path, words] of [
    [`/error/${encodeURIComponent('Call 0800 <b>now<b>')}?trace=x`, /0800/],
    [`/error/constructor?trace=${'<script>'.repeat(3)}`, /script|function/],
    ['/error/cancelled?trace=call-0800-now', /0800/],
    ['/no-access?why=call-0800-now&trace=call-0800-now', /0800/],
  ]) {
    await page.goto(gateway.address + path);
    await page.locator('main h1').waitFor();
    assert.doesNotMatch(await page.locator('main').innerText(), words, path);
  }
});

scene('no target leads anywhere else', async (person, page) => {
  for (const target of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)', '/auth/logout']) {
    await page.goto(`${gateway.address}/sign-in?${new URLSearchParams({ target })}`);
    const link = page.getByRole('link', { name: 'Pocket provider' });
    const href = new URL(await link.getAttribute('href'), gateway.address);
    assert.equal(href.origin, gateway.address);
    assert.equal(href.searchParams.get('target'), '/', target);
  }
  await page.goto(`${gateway.address}/sign-in?continue=${encodeURIComponent('https://evil.example/auth/authorize?')}`);
  const link = page.getByRole('link', { name: 'Pocket provider' });
  assert.match(await link.getAttribute('href'), /^\/auth\/login\/pocket\?/);
});

scene('words of the gateway stay text, whatever they look like', async (person, page) => {
  await signedIn(gateway, page, 'eda');
  const crafted = { type: 'b', props: { dangerouslySetInnerHTML: { __html: '<img src=x>' } }, key: null, ref: null, __v: 0 };
  await person.route('**/auth/session', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    await route.fulfill({ response: answer, json: { ...body, name: '<img src=x onerror=alert(1)>', tenant_title: crafted, role: [crafted], subject: crafted } });
  });
  await page.goto(`${gateway.address}/account`);
  await heading(page, 'Account').waitFor();
  assert.equal(await page.locator('main img, header img, main b').count(), 0);
  await page.locator('[data-part="you"]').getByText('<img src=x onerror=alert(1)>').waitFor();
});

scene('another region’s person is sent there, and nothing of them stays', async (person, page) => {
  await person.route('https://us.gate.example/**', (route) => route.fulfill({ body: 'the other region' }));
  await signIn(gateway, page, 'ira');
  await page.getByText('the other region').waitFor();
  const there = new URL(page.url());
  assert.equal(there.pathname, '/auth/login/pocket');
  assert.equal(there.searchParams.get('tenant'), 'initech');
  const cookies = await person.cookies(gateway.address);
  assert.ok(!cookies.some(({ name }) => name === 'bff_session'));
});

scene('an answer 421 that the browser asks for twice changes nothing', async (person, page) => {
  const moving = await Gateway.start();
  try {
    await signedIn(moving, page, 'gus');
    // A page that asks for nothing by itself, so that each answer is to the test.
    await page.goto(`${moving.address}/t/globex/nothing`);
    await heading(page, 'Not found').waitFor();
    await moving.moveAway('globex', 'https://us.gate.example');
    const answer = await post(page, '/auth/token');
    assert.equal(answer.status, 421);
    assert.equal(answer.body.code, 'other_region');
    assert.equal(answer.body.base_url, 'https://us.gate.example/');
    await eventually('the browser asks twice', () => moving.answered('/auth/token', 421) === 2);
    const cookies = await person.cookies(moving.address);
    assert.ok(cookies.some(({ name }) => name === 'bff_session'), 'the session goes on');
    await page.getByRole('link', { name: 'Gus' }).click();
    // The address is shown before anybody follows it.
    await page.locator('[data-part="token"]').getByRole('link', { name: 'https://us.gate.example/' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/account');
  } finally {
    await moving.stop();
  }
});

for (const colorScheme of ['light', 'dark']) {
  scene(`signing in, looking around and signing out fit 320 px and work by keyboard, ${colorScheme}`, async (person, page) => {
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim().replace(/\s+/g, ' '));
    /** Goes on by Tab to what is called so, and presses it. */
    const press = async (name) => {
      const seen = [];
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press('Tab');
        seen.push(await focused());
        if (name.test(seen.at(-1))) return page.keyboard.press('Enter');
      }
      throw new Error(`no Tab leads to ${name}: ${seen}`);
    };
    const fits = async () => {
      const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= room, `${wide} px in a window of ${room}`);
    };
    await page.goto(gateway.address);
    await page.getByRole('link', { name: 'Pocket provider' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to content');
    await fits();
    await press(/^Pocket provider/);
    await page.locator('button[value="ada"]').click();
    await shown(page, 'home');
    await fits();
    await press(/^Ada$/);
    await heading(page, 'Account').waitFor();
    assert.equal(await focused(), 'Account', 'the new page’s heading has the focus');
    await page.locator('[data-part="token"] details').waitFor();
    await fits();
    await page.goBack();
    await heading(page, 'Acme').waitFor();
    await press(/^Sign out$/).catch(() => signOut(page).press('Enter'));
    await heading(page, /^You are signed out/).waitFor();
    assert.match(await focused(), /^You are signed out/);
  }, { viewport: { width: 320, height: 640 }, colorScheme });
}
