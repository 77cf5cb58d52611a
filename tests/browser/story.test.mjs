// The first five minutes, against a gateway that really runs what is started: five clicks and no typing, by mouse and by
// keyboard alone.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { played } from './browser.mjs';
import { press } from './keyboard.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** Notes every click and every key that somebody presses in the console. */
const counted = (person) => person.addInitScript(() => {
  for (const kind of ['click', 'keydown']) {
    addEventListener(kind, ({ isTrusted, key }) => { if (isTrusted) sessionStorage.setItem('test', `${sessionStorage.getItem('test') ?? ''}${key ?? 'click'} `); }, true);
  }
});
const presses = async (page) => (await page.evaluate(() => sessionStorage.getItem('test') ?? '')).trim().split(' ').filter(Boolean);
const heading = (page, name) => page.getByRole('heading', { level: 1, name });
const button = (page, name) => page.getByRole('button', { name, exact: true });

/** The prepared people ask the provider for themselves; it asks back once. */
const atProvider = async (page) => {
  await page.waitForURL((url) => url.pathname === '/t/acme' || url.port === String(stage.gateway.providerPort));
  if (!page.url().startsWith(stage.gateway.address)) await page.locator('button[value="eda"]').click();
};

/** The run is over, and its table can be had: this is what stands in it. */
async function downloaded(page) {
  await page.locator('main[data-state=run-succeeded]').waitFor({ timeout: 60_000 });
  const table = page.getByRole('region', { name: 'Result table' });
  await table.waitFor();
  const rows = await table.locator('tbody tr').count();
  assert.ok(rows > 0);
  return async (saved) => {
    const lines = (await readFile(await saved.path(), 'utf8')).trim().split(/\r?\n/);
    assert.equal(lines.length, rows + 1, 'the head and every row');
    assert.match(saved.suggestedFilename(), /^access-review-.+\.csv$/);
  };
}

test('from the address to the downloaded table: five clicks, no typing', { timeout: 120_000 }, async () => {
  const person = await stage.person();
  await counted(person);
  await played(person, async () => {
    const page = await person.newPage();
    await page.goto(stage.gateway.address);
    await page.getByRole('link', { name: /^Eda/ }).click();
    await atProvider(page);
    await page.getByRole('link', { name: 'Start here: Access review' }).click();
    await button(page, 'Use the sample file').click();
    await page.getByRole('group', { name: 'First lines' }).waitFor();
    await button(page, 'Start run').click();
    const check = await downloaded(page);
    const [saved] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    await check(saved);
    assert.deepEqual(await presses(page), Array(5).fill('click'));
    assert.match(await page.getByRole('region', { name: 'Facts', exact: true }).innerText(), /Isolation\s/);
    assert.match(await page.getByRole('region', { name: 'What was recorded' }).innerText(), /Starting[\s\S]*Running[\s\S]*Succeeded/);
    assert.match(await page.title(), /^Succeeded · Access review · Gatelet$/);
    await page.getByRole('link', { name: 'Whole log' }).or(page.getByText('It wrote nothing.')).first().waitFor();
    await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('rowheader', { name: 'Access review' }).waitFor();
    await page.getByRole('link', { name: 'Gatelet' }).click();
    await page.getByRole('table', { name: 'Your recent runs' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Start here: Access review' }).count(), 0, 'nobody is told to start again');
  });
});

test('the same by keyboard alone, with a file that is not what is asked for first', { timeout: 120_000 }, async () => {
  const person = await stage.person({ who: 'eda' });
  await played(person, async () => {
    const page = await person.newPage();
    await page.goto(`${stage.gateway.address}/t/acme`);
    await heading(page, 'Acme').waitFor();
    await press(page, /^Automations$/);
    await heading(page, 'Automations').waitFor();
    await press(page, /^Access review$/);
    await heading(page, 'Access review').waitFor();
    await button(page, 'Start run').waitFor();
    await press(page, /^Start run$/);
    const summary = page.locator('[data-state=wrong]');
    await summary.waitFor();
    assert.equal(await summary.evaluate((it) => it === document.activeElement), true);
    await press(page, /choose a file/);
    await press(page, /^Use the sample file$/);
    await page.getByRole('group', { name: 'First lines' }).waitFor();
    await press(page, /^Start run$/);
    await heading(page, 'Access review').and(page.locator('main[data-state^=run-] h1')).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.localName), 'h1');
    const check = await downloaded(page);
    const saving = page.waitForEvent('download');
    await press(page, /^Download CSV$/);
    await check(await saving);
  });
});
