// The console by keyboard alone: the first story from the address to the sign-out, and what dialogs do with the focus.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { press, tabTo } from './keyboard.mjs';
import { Stage } from './stage.mjs';
import { STATES } from './states.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** The text of what has the focus. */
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim().replace(/\s+/g, ' '));

/** Waits until the title says so, and holds that it has the focus: a screen reader begins to read there. */
async function arrives(page, name) {
  const title = page.getByRole('heading', { level: 1, name });
  await title.waitFor();
  await page.waitForFunction(() => document.activeElement?.localName === 'h1' || performance.getEntriesByType('navigation')[0].loadEventEnd < 1, null, { timeout: 2_000 }).catch(() => undefined);
  return title;
}

describe('the first story', { concurrency: 2 }, () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 320]) {
      test(`start, sign in, see what I may do, sign out: by keyboard, ${colorScheme}, ${width} px`, async () => {
        const person = await stage.person({ colorScheme, viewport: { width, height: 640 } });
        try {
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
          assert.deepEqual(person.complaints, []);
        } finally {
          await person.close();
        }
      });
    }
  }
});
