// What people do in the first rooms of the console: follow a link, change the tenant, end a session elsewhere, change
// how things look.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { played, shown, signIn, signedIn } from './browser.mjs';
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
const row = (page, name) => page.locator('[data-part="sessions"] tbody tr').filter({ hasText: name });

scene('one click on a prepared person asks the provider for that person, and the address stays', async (person, page) => {
  await page.goto(`${gateway.address}/t/acme?from=mail`);
  const people = page.getByRole('region', { name: 'As one of the prepared people' }).getByRole('link');
  assert.match(await people.first().innerText(), /^Eda\s+acme · editor$/, 'the editor stands first');
  const href = new URL(await people.first().getAttribute('href'), gateway.address);
  assert.equal(href.searchParams.get('login_hint'), 'eda');
  assert.equal(href.searchParams.get('target'), '/t/acme?from=mail');
  await people.first().click();
  await page.locator('button[value="eda"]').click();
  await shown(page, 'home');
  assert.equal(page.url(), `${gateway.address}/t/acme?from=mail`);
  await page.goto(`${gateway.address}/sign-in?target=%2Faccount`);
  await heading(page, 'Account').waitFor();
  assert.equal(page.url(), `${gateway.address}/account`, 'who is signed in already goes on to the target');
});

scene('an application’s request goes on at the provider that is chosen', async (person, page) => {
  const request = '/auth/authorize?client_id=gatelet&state=a%26b';
  await page.goto(`${gateway.address}/sign-in?${new URLSearchParams({ continue: request })}`);
  const href = await page.getByRole('link', { name: 'Pocket provider' }).getAttribute('href');
  assert.equal(href, `${request}&provider=pocket`);
});

scene('what the chooser was asked for goes on to the provider, and nothing else does', async (person, page) => {
  const asked = { target: 'orders', tenant: 'acme', max_age: '60', acr: 'mfa', step_up: '1', login_hint: 'ada', other: 'x' };
  const address = async (query) => {
    await page.goto(`${gateway.address}/sign-in?${new URLSearchParams(query)}`);
    const href = await page.getByRole('link', { name: 'Pocket provider' }).getAttribute('href');
    return Object.fromEntries(new URL(href, gateway.address).searchParams);
  };
  const { other, ...carried } = asked;
  assert.deepEqual(await address(asked), carried, 'a target that is no path is a name of the registry');
  assert.deepEqual(await address({ target: '//evil.example' }), { target: '/' });
});

scene('a link of another tenant says so, and leads there whoever belongs to it', async (person, page) => {
  await signIn(gateway, page, 'max');
  await heading(page, 'Choose a tenant').waitFor();
  await page.getByRole('radio', { name: 'Acme' }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await heading(page, 'Acme').waitFor();
  await page.goto(`${gateway.address}/t/globex?from=mail`);
  await heading(page, 'This link is for another tenant').waitFor();
  await page.getByRole('link', { name: 'Sign in to globex' }).click();
  await page.locator('button[value="max"]').click();
  await heading(page, 'Globex').waitFor();
  assert.equal(page.url(), `${gateway.address}/t/globex?from=mail`);
});

scene('a link of a tenant that lets one in not, and of one that is none, say the same', async (person, page) => {
  await signedIn(gateway, page, 'eda');
  const said = [];
  for (const tenant of ['globex', 'nobodys']) {
    await page.goto(`${gateway.address}/t/${tenant}/runs/1`);
    await heading(page, 'This link is for another tenant').waitFor();
    const first = await page.locator('main').innerText();
    await page.getByRole('link', { name: `Sign in to ${tenant}` }).click();
    await page.locator('button[value="eda"]').click();
    await heading(page, 'You have no access here').waitFor();
    const then = await page.locator('main').innerText();
    said.push((first + then).replaceAll(tenant, 'it').replace(/[0-9a-f]{32}|\d\d:\d\d:\d\d/g, '-'));
    await signedIn(gateway, page, 'eda');
  }
  assert.equal(said[0], said[1]);
});

scene('a session elsewhere is listed and ended, and its page says so', async (person, page) => {
  const other = await browser.person({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' });
  try {
    const there = await other.newPage();
    await signedIn(gateway, there, 'vic');
    await signedIn(gateway, page, 'vic', '/account');
    await row(page, 'this one').waitFor();
    await row(page, 'Firefox on Linux').getByRole('button', { name: /^Sign out/ }).click();
    await row(page, 'Firefox on Linux').waitFor({ state: 'detached' });
    await there.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
    await heading(there, /^Your session was ended/).waitFor();
    await signedIn(gateway, there, 'vic');
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await heading(page, /^You are signed out everywhere/).waitFor();
    await there.reload();
    await heading(there, 'Sign in').waitFor();
    assert.deepEqual(other.complaints, []);
  } finally {
    await other.close();
  }
});

scene('what one prefers is kept, seen at once in other tabs, and is there before the first picture', async (person, page) => {
  await signedIn(gateway, page, 'aud', '/account');
  const second = await person.newPage();
  await second.goto(`${gateway.address}/account`);
  await heading(second, 'Account').waitFor();
  const canvas = (tab) => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await canvas(second), 'rgb(255, 255, 255)');
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.getByRole('radio', { name: 'UTC' }).check();
  await second.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  assert.equal(await canvas(second), 'rgb(15, 21, 28)');
  assert.match(await second.locator('[data-part="session"] time').first().innerText(), / UTC$/);
  // Without the console's own script, the theme is there all the same.
  await person.route('**/shell/main.js', (route) => route.abort());
  await second.reload();
  await heading(second, 'The console did not start').waitFor();
  assert.equal(await canvas(second), 'rgb(15, 21, 28)');
}, { colorScheme: 'light' });

scene('a time is written in the zone of whoever reads it, with its distance from UTC', async (person, page) => {
  await signedIn(gateway, page, 'ada', '/account');
  const time = page.locator('[data-part="session"] time').first();
  const [words, exact] = [await time.innerText(), await time.getAttribute('datetime')];
  assert.match(words, / \+05:30$/);
  const [, hours, minutes] = words.match(/, (\d\d):(\d\d):\d\d /);
  const utc = new Date(exact);
  assert.equal((Number(hours) * 60 + Number(minutes) + 1440 - 330) % 1440, utc.getUTCHours() * 60 + utc.getUTCMinutes());
}, { timezoneId: 'Asia/Kolkata' });
