// The plain page in a real browser: who signs in sees it, who signed out is gone, and the cookies are as promised.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser, post, signIn, signedIn } from './browser.mjs';
import { Gateway, eventually } from './gateway.mjs';

let gateway;
let browser;
before(async () => {
  gateway = await Gateway.start();
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** Runs with a person of its own, and fails if the page broke its policy or threw. */
const scene = (name, play, options) => test(name, async () => {
  const person = await browser.person(options);
  try {
    await play(person, await person.newPage());
    assert.deepEqual(person.complaints, []);
  } finally {
    await person.close();
  }
});

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
  await signedIn(gateway, page, 'ada');
  const callbacks = [];
  page.on('request', async (request) => {
    if (new URL(request.url()).pathname.startsWith('/auth/callback/')) callbacks.push(request);
  });
  // A step-up: the session goes on, so that its cookie is there to be sent.
  await page.goto(`${gateway.address}/auth/login/pocket?target=/&step_up=1`);
  assert.ok((await person.cookies(gateway.address)).some(({ name }) => name === 'bff_session'));
  await page.locator('button[value="ada"]').click();
  await page.getByRole('heading', { name: 'Your session' }).waitFor();
  assert.equal(callbacks.length, 1);
  const sent = (await callbacks[0].allHeaders()).cookie ?? '';
  assert.ok(!sent.includes('bff_session='), 'the callback never sees the session');
  assert.match(sent, /bff_login_\d=/);
});

scene('a person sees session, token and claims, and the answer of the API', async (person, page) => {
  await signedIn(gateway, page, 'eda');
  const facts = await page.locator('#session').innerText();
  assert.match(facts, /acme/i);
  assert.match(facts, /editor/);
  await page.getByRole('button', { name: 'Get a token' }).click();
  await page.getByRole('heading', { name: 'Claims' }).waitFor();
  const claims = await page.locator('#claims').innerText();
  assert.match(claims, /tid\nacme/);
  assert.match(claims, /role\neditor/);
  await browser.picture(page, 'signed-in');
  await page.getByRole('button', { name: 'Ask who I am with it' }).click();
  await page.getByRole('heading', { name: /Answer of/ }).waitFor();
  assert.match(await page.locator('#me-facts').innerText(), /acme/);
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await page.getByText('You stay signed in.').waitFor();
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, [0, 0], 'nothing is kept');
});

// Proves L 1.
scene('two tabs that renew a token at once both get one', async (person, page) => {
  await signedIn(gateway, page, 'vic');
  const second = await person.newPage();
  await second.goto(gateway.address);
  await second.getByRole('heading', { name: 'Your session' }).waitFor();
  const answers = await Promise.all([page, second, page, second].map((tab) => post(tab, '/auth/token')));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
  const tokens = new Set(answers.map(({ body }) => body.access_token));
  assert.equal(tokens.size, 4, 'each has one of its own');
  for (const { body } of answers) assert.ok(!('refresh_token' in body), 'a page never gets a refresh token');
});

scene('a sign-out in one tab is seen in the other', async (person, page) => {
  await signedIn(gateway, page, 'ada');
  const second = await person.newPage();
  await second.goto(gateway.address);
  await second.getByRole('button', { name: 'Get a token' }).click();
  await second.getByRole('heading', { name: 'Claims' }).waitFor();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('You are signed out.').waitFor();
  await second.getByText('You signed out in another tab.').waitFor();
  assert.equal(await second.locator('#signed-in').isVisible(), false);
  assert.equal(await second.locator('#claims').textContent(), '', 'the token’s claims have left the page');
  const cookies = await person.cookies(gateway.address);
  assert.ok(!cookies.some(({ name }) => name === 'bff_session'));
  assert.equal((await post(second, '/auth/token')).status, 401);
});

scene('the back button after a sign-out shows nothing of the person', async (person, page) => {
  await signedIn(gateway, page, 'gus');
  await page.getByRole('button', { name: 'Get a token' }).click();
  await page.getByRole('heading', { name: 'Claims' }).waitFor();
  // Elsewhere, while another tab signs out: the page with the person's session is in the history.
  await page.goto(`${gateway.address}/.well-known/openapi.json`);
  const second = await person.newPage();
  await second.goto(gateway.address);
  await second.getByRole('button', { name: 'Sign out', exact: true }).click();
  await second.getByText('You are signed out.').waitFor();
  await page.goBack({ waitUntil: 'commit' });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const text = await page.locator('main').innerText();
  assert.ok(!/globex|admin|gus/i.test(text), text);
});

scene('who belongs to two tenants chooses one', async (person, page) => {
  await signIn(gateway, page, 'max');
  await page.getByRole('heading', { name: 'Choose a tenant' }).waitFor();
  await browser.picture(page, 'choose');
  await page.getByRole('button', { name: 'Globex' }).click();
  await page.getByRole('heading', { name: 'Your session' }).waitFor();
  assert.match(await page.locator('#session').innerText(), /globex/i);
  assert.equal(new URL(page.url()).search, '', 'the choice has left the address');
});

scene('who is refused is told why, once, with the trace', async (person, page) => {
  await signIn(gateway, page, '-');
  const message = page.getByRole('alert');
  await message.filter({ hasText: 'said no' }).waitFor();
  assert.match(await message.textContent(), /\(cancelled, trace [0-9a-f]{32}\)/);
  await browser.picture(page, 'refused');
  assert.equal(new URL(page.url()).search, '');
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await message.textContent(), '');
});

scene('an address cannot put words of its own on the page', async (person, page) => {
  await page.goto(`${gateway.address}/error/${encodeURIComponent('Call 0800 <b>now<b>')}?trace=x`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await page.getByRole('alert').textContent(), '');
  await page.goto(`${gateway.address}/error/constructor?trace=${'<script>'.repeat(3)}`);
  await page.getByRole('alert').filter({ hasText: 'You were not signed in. (constructor)' }).waitFor();
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
    await moving.moveAway('globex', 'https://us.gate.example');
    const answer = await post(page, '/auth/token');
    assert.equal(answer.status, 421);
    assert.equal(answer.body.code, 'other_region');
    assert.equal(answer.body.base_url, 'https://us.gate.example/');
    await eventually('the browser asks twice', () => moving.answered('/auth/token', 421) === 2);
    const cookies = await person.cookies(moving.address);
    assert.ok(cookies.some(({ name }) => name === 'bff_session'), 'the session goes on');
    await page.getByRole('button', { name: 'Get a token' }).click();
    await page.getByRole('alert').filter({ hasText: 'https://us.gate.example/' }).waitFor();
  } finally {
    await moving.stop();
  }
});

for (const colorScheme of ['light', 'dark']) {
  scene(`the page fits 320 px and works by keyboard, ${colorScheme}`, async (person, page) => {
    await page.goto(gateway.address);
    await page.getByRole('link', { name: 'Pocket provider' }).waitFor();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id);
    assert.equal(await focused(), 'Pocket provider');
    await browser.picture(page, `sign-in-320-${colorScheme}`);
    await page.keyboard.press('Enter');
    await page.locator('button[value="ada"]').click();
    await page.getByRole('heading', { name: 'Your session' }).waitFor();
    await page.getByRole('button', { name: 'Get a token' }).click();
    await page.getByRole('heading', { name: 'Claims' }).waitFor();
    await browser.picture(page, `signed-in-320-${colorScheme}`);
    const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= seen, `${wide} px in a window of ${seen}`);
    await page.locator('#title').focus();
    const order = [];
    for (let step = 0; step < 7; step += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    assert.deepEqual(order, ['Stay signed in', 'Sign out', 'Sign out everywhere', 'resource', 'scope', 'Get a token', 'Ask who I am with it']);
  }, { viewport: { width: 320, height: 640 }, colorScheme });
}
