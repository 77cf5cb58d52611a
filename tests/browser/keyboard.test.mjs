// The console by keyboard alone: the first story from the address to the sign-out, and what dialogs do with the focus.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { STEP_UP, ending } from './answers.mjs';
import { CATALOG, atHome } from './automations.mjs';
import { played } from './browser.mjs';
import { press, tabTo } from './keyboard.mjs';
import { Stage } from './stage.mjs';
import { callsApi } from './states.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** The text of what has the focus. */
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim().replace(/\s+/g, ' '));

/** Waits until the page with this title is there. */
const arrives = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('the first story', { concurrency: 2 }, () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 320]) {
      test(`start, sign in, see what I may do, sign out: by keyboard, ${colorScheme}, ${width} px`, async () => {
        const person = await stage.person({ colorScheme, viewport: { width, height: 640 } });
        await played(person, async () => {
          const page = await person.newPage();
          await page.goto(stage.gateway.address);
          await arrives(page, /Sign in/);
          await press(page, /^Eda/);
          await page.waitForURL((url) => url.pathname === '/t/acme' || url.port === String(stage.gateway.providerPort));
          if (!page.url().startsWith(stage.gateway.address)) await press(page, /Eda/);
          await arrives(page, /Acme/);
          assert.match(await page.locator('main').innerText(), /editor/);
          await press(page, /^Eda/);
          await arrives(page, /account/i);
          assert.match(await focused(page), /account/i);
          await press(page, /^Sign out$/);
          await arrives(page, /signed out/i);
          assert.match(await focused(page), /signed out/i);
          assert.ok(!(await person.cookies(stage.gateway.address)).some(({ name }) => name === 'bff_session'));
        });
      });
    }
  }
});

/** A dialog opens while the focus is on the link to the account. */
const DIALOGS = [
  ['the end of an unused session', 'Are you still here?', () => ({ '/auth/session': ending('idle_ends_at', 123) }), () => undefined],
  ['the wish for a newer proof', 'Prove who you are again', () => ({ '/api/me': STEP_UP }), callsApi],
];

for (const [what, name, answers, opens] of DIALOGS) {
  test(`the dialog about ${what} takes the focus, closes by Escape and gives the focus back`, async () => {
    const person = await stage.person({ who: 'eda', answers: answers() });
    try {
      const page = await person.newPage();
      await page.goto(`${stage.gateway.address}/t/acme`);
      await arrives(page, 'Acme');
      await tabTo(page, /^Eda$/);
      await opens(page);
      const dialog = page.getByRole('dialog', { name });
      await dialog.waitFor();
      assert.equal(await dialog.evaluate((it) => it.matches(':modal') && it.contains(document.activeElement)), true);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      assert.equal(await focused(page), 'Eda');
      assert.ok(await page.getByRole('button', { name: 'Sign out' }).isVisible(), 'the session goes on');
    } finally {
      await person.close();
    }
  });
}

test('the link before everything else leads past the bar', async () => {
  const person = await stage.person({ who: 'eda', answers: { ...atHome(), '/api/automations': CATALOG } });
  try {
    const page = await person.newPage();
    await page.goto(`${stage.gateway.address}/t/acme`);
    await arrives(page, 'Acme');
    await press(page, /^Skip to content$/);
    await tabTo(page, /^See the automations/);
    assert.equal(await page.evaluate(() => document.activeElement.closest('main') !== null), true);
    await page.keyboard.press('Enter');
    await arrives(page, 'Automations');
    await page.goBack();
    await arrives(page, 'Acme');
    assert.equal(await focused(page), 'Acme', 'Back puts the focus on the title');
  } finally {
    await person.close();
  }
});
