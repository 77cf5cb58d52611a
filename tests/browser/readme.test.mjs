// The pictures of the README: Eda's account, in light and dark. Whoever changes how the console looks copies them from
// the folder of the run's pictures to docs/pictures.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { played, signedIn } from './browser.mjs';
import { Stage } from './stage.mjs';

const COMMITTED = join(import.meta.dirname, '../../docs/pictures');
const SIZE = { width: 960, height: 600 };
/** A README must load quickly. */
const BYTES = 120_000;

let stage;
let gateway;
let browser;
before(async () => {
  stage = await Stage.open();
  ({ gateway, browser } = stage);
});
after(() => stage?.close());

for (const colorScheme of ['light', 'dark']) {
  test(`the README shows a page that there is, ${colorScheme}`, async () => {
    const person = await browser.person({ viewport: SIZE, colorScheme, reducedMotion: 'reduce' });
    await played(person, async () => {
      const page = await person.newPage();
      await signedIn(gateway, page, 'eda', '/account');
      const name = `console-${colorScheme}.png`;
      await page.screenshot({ path: join(browser.pictures, name) });
      const picture = await readFile(join(COMMITTED, name));
      assert.equal(picture.toString('latin1', 1, 4), 'PNG');
      const size = { width: picture.readUInt32BE(16), height: picture.readUInt32BE(20) };
      assert.deepEqual(size, SIZE, `docs/pictures/${name} is of another size: copy it from ${browser.pictures}`);
      assert.ok(picture.length <= BYTES, `${name} has ${picture.length} bytes`);
    });
  });
}
