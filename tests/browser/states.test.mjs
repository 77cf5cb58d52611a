// Every state of every page: what axe finds, what a screen reader is told, what the window may be like, the way by Tab.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Axe } from './axe.mjs';
import { tabs } from './keyboard.mjs';
import { fits, forced, printed, reachable, spaced, still } from './layout.mjs';
import { names } from './names.mjs';
import { Stage } from './stage.mjs';
import { STATES } from './states.mjs';

const THEMES = ['light', 'dark'];
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** One axe for the document: in both themes, wide and narrow. A picture of each theme, and of each width. */
async function looked({ page }, { name }) {
  const [axe, found] = [await Axe.beside(page), []];
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    for (const size of [WIDE, NARROW]) {
      await page.setViewportSize(size);
      if ((size === WIDE) === (colorScheme === 'light')) await stage.browser.picture(page, `${name}-${colorScheme}`);
      found.push(...(await axe.findings()).map((line) => `${colorScheme}, ${size.width} px: ${line}`));
    }
  }
  await axe.leave();
  return found;
}

/** By Tab through the page and back: narrow and dark, where most is on top of each other; a page's first state wide too. */
async function walked({ page }, state) {
  const found = [];
  const isFirst = STATES.find((other) => other.page === state.page) === state;
  for (const [colorScheme, size] of [['dark', NARROW], ...(isFirst ? [['light', WIDE]] : [])]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    found.push(...(await tabs(page)).map((line) => `${size.width} px: ${line}`));
  }
  return found;
}

describe('states', { concurrency: 3 }, () => {
  for (const state of STATES) {
    test(state.name, { timeout: 120_000 }, () => stage.visit(state, async (scene) => {
      const { page } = scene;
      await names(page, state.name);
      const found = [
        ...await looked(scene, state),
        ...await fits(page, 320, 640),
        ...await fits(page, 640, 400),
        ...await fits(page, 1100, 800),
        ...await spaced(page),
        ...await reachable(page),
        ...await forced(page),
        ...await still(page),
        ...await printed(page),
        ...await walked(scene, state),
      ];
      assert.deepEqual(found, []);
      // All of that has left the state as it was.
      assert.ok(await state.shows(page).first().isVisible(), 'the page went elsewhere meanwhile');
    }));
  }
});

// With script switched off neither axe nor the walk can run, so this is looked at alone.
test('without script the page names the command line', async () => {
  const person = await stage.person({ javaScriptEnabled: false });
  const page = await person.newPage();
  await page.goto(stage.gateway.address);
  await page.getByText(/needs JavaScript.*gatelet help/).waitFor();
  await stage.browser.picture(page, 'no-script');
  await person.close();
});

test('each page of the console is in the table, and each name once', () => {
  const folder = join(import.meta.dirname, '../../console/pages');
  const files = readdirSync(folder).map((name) => name.replace(/\.js$/, ''));
  // A page's parts are files of its name and theirs: `account-token` is part of `account`.
  const isWalked = (file) => STATES.some(({ page }) => file === page || file.startsWith(`${page}-`));
  assert.ok(files.length > 0);
  assert.deepEqual(files.filter((file) => !isWalked(file)), [], 'pages without a state');
  assert.equal(new Set(STATES.map(({ name }) => name)).size, STATES.length);
});

test('each golden file belongs to a state', () => {
  const known = new Set(STATES.map(({ name }) => `${name}.yaml`));
  const files = readdirSync(join(import.meta.dirname, 'golden')).filter((name) => name.endsWith('.yaml'));
  assert.deepEqual(files.filter((file) => !known.has(file)), []);
});
