// What a screen reader is told, unasked, while somebody does what people do; compared with golden/announcements.txt.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { AWAY, OFTEN, give } from './answers.mjs';
import { played } from './browser.mjs';
import { eventually } from './gateway.mjs';
import { agrees, listen } from './names.mjs';
import { Stage, teller } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

test('a whole story says each thing once, in a sentence, and nothing that ticks', async () => {
  const person = await stage.person({ who: 'eda' });
  await played(person, async () => {
    const heard = await listen(person);
    const page = await person.newPage();
    await page.clock.install();
    const said = [];
    const step = teller(page, heard, said);
    const button = (name) => page.getByRole('button', { name, exact: true });
    const answered = (path, what) => Promise.all([page.waitForResponse(`**${path}`), what.click()]);
    const band = page.getByRole('complementary', { name: 'Connection' });
    const lookAgain = () => page.evaluate(() => { document.dispatchEvent(new Event('visibilitychange', { bubbles: true })); });
    let instead = 'own';
    await person.route('**/auth/**', (route) => give(route, instead));

    await step('opens the account', async () => {
      await page.goto(`${stage.gateway.address}/account`);
      await page.getByText('nowhere else').waitFor();
      await page.getByText('What stands in it').waitFor();
    });
    await step('stays signed in', () => answered('/auth/session/extend', button('Stay signed in')));
    await step('renews the token', () => answered('/auth/token', button('Renew now')));
    instead = OFTEN;
    await step('is refused', () => button('Stay signed in').click(), page.getByRole('alert'));
    instead = AWAY;
    await step('loses the gateway', lookAgain, band);
    await step('waits', () => page.clock.fastForward(60_000));
    instead = 'own';
    await step('has it back', async () => {
      await button('Try now').click();
      await band.waitFor({ state: 'detached' });
    });
    await step('goes to the first page', () => page.getByRole('link', { name: 'Gatelet' }).click(), page.getByRole('heading', { name: 'Acme' }));
    await step('signs out', () => button('Sign out').click(), page.getByRole('link', { name: 'Pocket provider' }));
    assert.equal(heard.length, said.filter((line) => line.startsWith('  ')).length, 'nothing was said between the steps');
    await agrees('announcements.txt', said.join('\n'));
  });
});

test('what takes its time is said after two seconds', async () => {
  const person = await stage.person({ answers: { '/auth/providers': 'silent' } });
  try {
    const heard = await listen(person);
    const page = await person.newPage();
    await page.clock.install();
    await page.goto(stage.gateway.address);
    await page.getByText('Loading the providers…').waitFor();
    assert.deepEqual(heard, []);
    await page.clock.fastForward(2_000);
    await eventually('it is said', () => heard.length > 0);
    assert.deepEqual(heard, ['status: Loading the providers…']);
  } finally {
    await person.close();
  }
});
