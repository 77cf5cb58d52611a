// What the first page weighs, and how long it takes. Sizes and counts are asserted; times depend on the machine and are told.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Stage } from './stage.mjs';

const KB = 1024;
/** All scripts of all pages, the library and the client among them. A page loads its own part. */
const SCRIPTS = 180 * KB;
let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** What the first page asks over the wire, and how long until its title stands there. */
async function firstPage(who, { slower = 1, network } = {}) {
  const person = await stage.person({ who });
  try {
    const page = await person.newPage();
    const wire = await person.newCDPSession(page);
    let [bytes, requests] = [0, 0];
    wire.on('Network.requestWillBeSent', () => { requests += 1; });
    wire.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    await wire.send('Network.enable');
    await wire.send('Emulation.setCPUThrottlingRate', { rate: slower });
    if (network) await wire.send('Network.emulateNetworkConditions', { offline: false, ...network });
    await page.addInitScript(() => {
      window.testTasks = [];
      new PerformanceObserver((list) => window.testTasks.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: 'longtask', buffered: true });
      // The title is the first thing that every page draws by script.
      const seen = () => {
        if (!document.querySelector('main h1')) return requestAnimationFrame(seen);
        window.testShown ??= performance.now();
      };
      requestAnimationFrame(seen);
    });
    await page.goto(stage.gateway.address, { waitUntil: 'networkidle' });
    const shown = await page.waitForFunction(() => window.testShown);
    const longest = await page.evaluate(() => Math.max(0, ...window.testTasks));
    return { bytes, requests, shown: await shown.jsonValue(), longest };
  } finally {
    await person.close();
  }
}

for (const [name, who] of [['signed out', undefined], ['signed in', 'eda']]) {
  test(`the first page, ${name}, keeps to its budget on the wire`, async () => {
    const { bytes, requests } = await firstPage(who);
    console.log(`first page, ${name}: ${(bytes / KB).toFixed(1)} KB in ${requests} requests`);
    assert.ok(requests > 2, 'something was counted');
    assert.ok(bytes <= 60 * KB, `${bytes} bytes`);
    assert.ok(requests <= 30, `${requests} requests`);
  });
}

test('the times of the first page are told', async () => {
  const slow = { latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
  for (const [name, options] of [['loopback', {}], ['CPU 4 times slower', { slower: 4 }], ['150 ms and 1.6 Mbit/s', { network: slow }]]) {
    const { shown, longest } = await firstPage(undefined, options);
    console.log(`first page, ${name}: title after ${Math.round(shown)} ms, longest task ${Math.round(longest)} ms`);
    assert.ok(shown > 0);
  }
});

test('the console’s scripts and styles keep to their size, as they are served', async () => {
  const folder = join(import.meta.dirname, '../../console');
  const files = readdirSync(folder, { recursive: true }).map(String);
  const shell = await (await fetch(stage.gateway.address)).text();
  const [base] = /\/assets\/[0-9a-f]+\//.exec(shell);
  const size = async (ending) => {
    const found = await Promise.all(files.filter((file) => file.endsWith(ending)).map(async (file) => {
      const answer = await fetch(stage.gateway.address + base + file, { headers: { 'accept-encoding': 'identity' } });
      assert.equal(answer.status, 200, file);
      return (await answer.arrayBuffer()).byteLength;
    }));
    return found.reduce((sum, one) => sum + one, 0);
  };
  const [scripts, styles] = [await size('.js'), await size('.css')];
  console.log(`console: ${(scripts / KB).toFixed(1)} KB of scripts, ${(styles / KB).toFixed(1)} KB of styles`);
  assert.ok(scripts > 0 && scripts <= SCRIPTS, `${scripts} bytes of scripts`);
  assert.ok(styles > 0 && styles <= 20 * KB, `${styles} bytes of styles`);
});
