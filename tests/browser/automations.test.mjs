// What people do in the rooms of the automations, with a gateway that answers as the test wants: start a run, follow
// it, read what it found, whatever that is, and come back to what they had typed.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { give, problem } from './answers.mjs';
import { CATALOG, EVERY_FIELD, HOSTILE, LOG, NOW, REVIEW_FORM, RUNS, answersOf, events, listed, manyLines, page as eventPage, run, runId } from './automations.mjs';
import { played } from './browser.mjs';
import { eventually } from './gateway.mjs';
import { agrees, listen } from './names.mjs';
import { Stage, teller } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** Plays with a person of its own, and fails if the page broke its policy or threw. */
const scene = (name, options, play) => test(name, async () => {
  const person = await stage.person({ who: 'eda', ...options });
  await played(person, async () => play({ person, page: await person.newPage() }));
});
const open = (page, path) => page.goto(stage.gateway.address + path);
const heading = (page, name) => page.getByRole('heading', { level: 1, name });
const button = (page, name) => page.getByRole('button', { name, exact: true });
const FORM = '/api/automations/access-review';
const AT_FORM = '/t/acme/automations/access-review';
const EVERY = { '/api/automations/s3-block-public-access': { body: EVERY_FIELD } };
const AT_EVERY = '/t/acme/automations/s3-block-public-access';
const csv = { name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from('account\nana\n') };

/** Notes every start, and answers in turn. */
function starts(...answers) {
  const asked = [];
  const answer = async (route) => {
    const request = route.request();
    asked.push({ key: (await request.allHeaders())['idempotency-key'], body: request.postDataJSON() });
    return give(route, answers[Math.min(asked.length, answers.length) - 1]);
  };
  return { asked, answers: { '/api/uploads': { status: 201, body: { id: 'u-1', bytes: 12 } }, [FORM]: { body: REVIEW_FORM }, [`${FORM}/runs`]: answer } };
}

test('a run is sent once however often the button is pressed, and trying again sends the same key', async () => {
  const done = run(6, 'queued', { started_at: null });
  const { asked, answers } = starts('gone', { status: 201, body: done });
  const person = await stage.person({ who: 'eda', answers: { ...answers, ...answersOf(done) } });
  await played(person, async () => {
    const page = await person.newPage();
    await open(page, AT_FORM);
    await page.getByLabel('Accounts').setInputFiles(csv);
    await button(page, 'Start run').dblclick();
    await page.getByText('We do not know yet whether this was accepted').waitFor();
    assert.equal(asked.length, 1);
    await button(page, 'Start run').click();
    await heading(page, 'Access review').and(page.locator('main[data-state=run-queued] h1')).waitFor();
    assert.deepEqual(asked[1], asked[0], 'the same inputs under the same key');
    assert.match(asked[0].key, /^"[0-9a-f-]{36}"$/);
    assert.deepEqual(asked[0].body, { inputs: { accounts: 'u-1', days: 90 }, connections: {} });
    assert.equal(new URL(page.url()).pathname, `/t/acme/runs/${done.id}`);
  });
});

scene('other inputs after an unknown answer are another run', starts('gone'), async ({ page, person }) => {
  const keys = [];
  await person.route(`**${FORM}/runs`, async (route) => {
    keys.push((await route.request().allHeaders())['idempotency-key']);
    await route.abort('connectionrefused');
  });
  await open(page, AT_FORM);
  await page.getByLabel('Accounts').setInputFiles(csv);
  await button(page, 'Start run').click();
  await eventually('it is sent', () => keys.length === 1);
  await page.getByText('We do not know yet').waitFor();
  await page.getByLabel('Dormant after').fill('30');
  await button(page, 'Start run').click();
  await eventually('it is sent again', () => keys.length === 2);
  assert.notEqual(keys[0], keys[1]);
});

scene('every kind of field is sent as its schema wants it', { answers: EVERY }, async ({ page, person }) => {
  let sent;
  await person.route(`**${AT_EVERY.replace('/t/acme', '/api')}/runs`, async (route) => { sent = route.request().postDataJSON(); await give(route, problem(409, 'busy', 'As many as may are going on')); });
  await open(page, AT_EVERY);
  await page.getByRole('radio', { name: 'acme-test' }).check();
  await page.getByLabel('Name').fill('my-run');
  await page.getByLabel('Notes').fill('two\nlines');
  await page.getByRole('radio', { name: 'change' }).check();
  await page.getByLabel('Region').selectOption('eu-west-1');
  await page.getByRole('radio', { name: 'A year' }).check();
  await page.getByLabel('Change nothing').uncheck();
  await page.getByLabel('Share', { exact: true }).fill('12,5');
  await page.getByLabel('Since').fill('2026-11-01');
  await page.getByLabel('Until').fill('2026-11-02 03:04');
  await page.getByLabel('Web page').fill('https://acme.example/x');
  await page.getByLabel('Owner').fill('eda@acme.example');
  await page.getByLabel('Buckets').fill(' one\n\ntwo ');
  await page.getByText('You gave 2 lines.').waitFor();
  await page.getByRole('checkbox', { name: 'private' }).check();
  await page.getByRole('checkbox', { name: 'public' }).check();
  await page.getByLabel('Access code').fill(' keep my spaces ');
  await page.getByLabel('Send to').fill('aud@acme.example');
  await button(page, 'Start run').click();
  await page.getByText('The run was not started').waitFor();
  assert.deepEqual(sent, {
    connections: { cloud: 'acme-test' },
    inputs: {
      name: 'my-run', notes: 'two\nlines', mode: 'change', region: 'eu-west-1', keep: 365, dry: false, share: 12.5, since: '2026-11-01',
      until: new Date('2026-11-02T03:04').toISOString(), page: 'https://acme.example/x', owner: 'eda@acme.example', buckets: ['one', 'two'],
      kinds: ['public', 'private'], code: ' keep my spaces ', report: { to: 'aud@acme.example', brief: false },
    },
  });
}, { timezoneId: 'UTC' });

scene('what is wrong is said once it is sent, leads to its field, and goes as soon as it is right', { answers: EVERY }, async ({ page }) => {
  await open(page, AT_EVERY);
  await page.getByLabel('Name').fill('No');
  await page.getByLabel('Buckets').fill('acme logs');
  await page.getByLabel('Share', { exact: true }).fill('many');
  assert.equal(await page.locator('.wrong').count(), 0, 'nothing is wrong while somebody types');
  await button(page, 'Start run').click();
  const summary = page.locator('[data-state=wrong]');
  await summary.waitFor();
  assert.equal(await summary.evaluate((it) => it === document.activeElement), true);
  const said = await summary.getByRole('link').allInnerTexts();
  assert.deepEqual(said, [
    'AWS account: choose one.', 'Name: “No” has 2 characters; at least 3 are needed.', 'Mode: choose one.', 'Region: choose one.', 'Share: “many” is not a number.',
    'Buckets: line 1, “acme logs”, does not have the form that is asked for.', 'Send to: this is needed.',
  ]);
  await summary.getByRole('link', { name: /^Share/ }).click();
  assert.equal(await page.evaluate(() => document.activeElement.labels[0].textContent), 'Share');
  await page.getByLabel('Share', { exact: true }).fill('101');
  await page.locator('p.wrong').filter({ hasText: 'Share: “101” is more than 100.' }).waitFor();
  await page.getByLabel('Share', { exact: true }).fill('100');
  assert.equal(await page.locator('p.wrong').filter({ hasText: 'Share' }).count(), 0);
  assert.equal(new URL(page.url()).hash, '');
});

scene('what was typed is there again after a reload, and not what is sensitive, nor a file', { answers: EVERY }, async ({ page }) => {
  await open(page, AT_EVERY);
  await page.getByLabel('Name').fill('my-run');
  await page.getByLabel('Access code').fill('hunter2');
  await page.getByLabel('List').setInputFiles({ ...csv, name: 'list.csv' });
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.ok(kept.includes('my-run') && kept.includes('list.csv'));
  assert.ok(!kept.includes('hunter2') && !kept.includes('ana'), kept);
  await page.reload();
  await page.getByText('Choose list.csv again').waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'my-run');
  assert.equal(await page.getByLabel('Access code').inputValue(), '');
});

// Proves L 33.
scene('a draft survives signing in again as the same person, and somebody else never sees it', { answers: EVERY }, async ({ page, person }) => {
  const enter = async (who) => {
    await page.getByRole('link', { name: 'Pocket provider' }).click();
    await page.locator(`button[value="${who}"]`).click();
    await page.getByLabel('Name').waitFor();
  };
  await open(page, AT_EVERY);
  await page.getByLabel('Name').fill('of-eda');
  await button(page, 'Sign out').click();
  await enter('eda');
  assert.equal(await page.getByLabel('Name').inputValue(), 'of-eda');
  await button(page, 'Sign out').click();
  await enter('ada');
  assert.equal(await page.getByLabel('Name').inputValue(), '');
  assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage }).includes('of-eda')), false, 'it has left the tab');
  await button(page, 'Sign out').click();
  await enter('eda');
  assert.equal(await page.getByLabel('Name').inputValue(), '');
  assert.ok(person);
});

scene('a started run leaves no draft behind', starts({ status: 201, body: RUNS.queued }), async ({ page, person }) => {
  for (const [path, answer] of Object.entries(answersOf(RUNS.queued))) if (path !== FORM) await person.route(`**${path}?*`, (route) => give(route, answer)).then(() => person.route(`**${path}`, (route) => give(route, answer)));
  await open(page, AT_FORM);
  await page.getByLabel('Accounts').setInputFiles(csv);
  await page.getByLabel('Dormant after').fill('30');
  await button(page, 'Start run').click();
  await page.locator('main[data-state=run-queued]').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

scene('a result stays text whatever it looks like, and is sorted by its heads', { answers: answersOf(run(11, 'succeeded', { ended_at: NOW, result: HOSTILE, result_rows: 4 })) }, async ({ page }) => {
  await open(page, `/t/acme/runs/${runId(11)}`);
  const table = page.getByRole('region', { name: 'Result table' });
  await table.getByText('<script>alert(1)</script><img src=x onerror=alert(2)>').waitFor();
  assert.equal(await page.locator('main img, main script, main b').count(), 0);
  assert.match(await table.innerText(), /"type":"b"/);
  assert.match(await table.innerText(), /x{500}…\s+10,240 characters/);
  assert.equal(await table.getByRole('link').count(), 0, 'a formula is no link');
  const first = () => table.locator('tbody tr td').first().innerText();
  await button(table, 'Account').click();
  assert.equal(await table.locator('th[aria-sort]').getAttribute('aria-sort'), 'ascending');
  assert.equal(await first(), '');
  await button(table, 'Account ↑').or(button(table, 'Account')).click();
  assert.equal(await table.locator('th[aria-sort]').getAttribute('aria-sort'), 'descending');
  assert.notEqual(await first(), '');
});

scene('of a large table a thousand rows are shown, and how many there are is said', {
  answers: answersOf(run(11, 'succeeded', { ended_at: NOW, result: { rows: Array.from({ length: 1000 }, (_, at) => ({ account: `a${at}`, finding: 'Dormant', days: at })) }, result_rows: 8412 })),
}, async ({ page }) => {
  await open(page, `/t/acme/runs/${runId(11)}`);
  await page.getByText('8,412 rows').waitFor();
  await page.getByText('The first 1,000 rows of 8,412 are shown.').waitFor();
  const table = page.getByRole('region', { name: 'Result table' });
  assert.equal(await table.locator('tbody tr').count(), 1000);
  await button(table, 'Unused (days)').click();
  await button(table, 'Unused (days)').click();
  assert.match(await table.locator('tbody tr').first().innerText(), /a999/);
});

scene('a table and a file are downloaded with the token, under a name that says what they are', {
  answers: { ...answersOf(RUNS.succeeded), [`/api/runs/${runId(6)}/result.csv`]: (route) => route.fulfill({ contentType: 'text/csv', body: 'account\r\nana' }) },
}, async ({ page }) => {
  await open(page, `/t/acme/runs/${runId(6)}`);
  const [asked, saved] = await Promise.all([page.waitForRequest('**/result.csv'), page.waitForEvent('download'), button(page, 'Download CSV').click()]);
  assert.match((await asked.allHeaders()).authorization, /^Bearer ey/);
  assert.equal(saved.suggestedFilename(), `access-review-${runId(6)}.csv`);
  assert.equal(await readFile(await saved.path(), 'utf8'), 'account\r\nana');
});

const LINES = 10_000;
const TALKED = run(12, 'succeeded', { ended_at: NOW, seq: 102 });
const TALK = events(...manyLines(LINES), { kind: 'state', state: 'succeeded', attempt: 1 });

scene('ten thousand lines are text of the page: the last are shown first, all on demand, and the browser finds each', { answers: answersOf(TALKED, TALK) }, async ({ page }) => {
  await open(page, `/t/acme/runs/${TALKED.id}`);
  await page.getByText('10,000 lines').waitFor();
  const log = page.locator('.log');
  assert.equal((await log.textContent()).split('of what was done').length - 1, 1000);
  const took = await page.evaluate(async () => {
    const began = performance.now();
    [...document.querySelectorAll('button')].find((one) => one.textContent.startsWith('Show 9,000')).click();
    await new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });
    return performance.now() - began;
  });
  console.log(`10,000 log lines: ${Math.round(took)} ms`);
  assert.equal((await log.textContent()).split('of what was done').length - 1, LINES);
  assert.equal(await page.evaluate(() => find('line 7 of what was done')), true, 'the browser’s own search finds a line that is far away');
});

scene('a log is followed only by whoever is at its end', {}, async ({ page, person }) => {
  const it = RUNS.running;
  let all = events(...manyLines(200));
  const pending = [];
  const tell = async (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('after'));
    const fresh = all.filter(({ seq }) => seq > from);
    if (fresh.length === 0) return pending.push(route);
    return route.fulfill({ json: eventPage('running', fresh).body });
  };
  const more = async (count) => {
    const last = all.at(-1).seq;
    all = [...all, ...events(...manyLines(count)).map((event) => ({ ...event, seq: event.seq + last }))];
    await Promise.all(pending.splice(0).map(tell));
  };
  const paths = { ...answersOf(it), [`/api/runs/${it.id}/events`]: tell };
  await person.route((url) => url.pathname in paths, (route) => give(route, paths[new URL(route.request().url()).pathname]));
  await open(page, `/t/acme/runs/${it.id}`);
  await page.getByText('200 lines').waitFor();
  const atEnd = () => page.evaluate(() => document.querySelector('.log').getBoundingClientRect().bottom <= innerHeight);
  await more(100);
  await page.getByText('300 lines').waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0, 'whoever reads above stays there');
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await eventually('the end is in view', atEnd);
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); }));
  await more(100);
  await page.getByText('400 lines').waitFor();
  await eventually('the end is followed', atEnd);
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); }));
  await more(12);
  await button(page, '12 new lines').click();
  await eventually('the button leads there', atEnd);
});

scene('a tab that nobody sees asks nothing, and goes on where it was', {}, async ({ page, person }) => {
  const it = RUNS.running;
  const asked = [];
  const paths = { ...answersOf(it), [`/api/runs/${it.id}/events`]: (route) => {
    asked.push(new URL(route.request().url()).searchParams.get('after'));
    return asked.length === 1 ? give(route, eventPage('running', LOG)) : undefined;
  } };
  await person.route((url) => url.pathname in paths, (route) => give(route, paths[new URL(route.request().url()).pathname]));
  await open(page, `/t/acme/runs/${it.id}`);
  await eventually('it asks again', () => asked.length === 2);
  const hide = (hidden) => page.evaluate((is) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: is });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
  await hide(true);
  await page.getByText('Paused').waitFor();
  await hide(false);
  await eventually('it goes on', () => asked.length === 3);
  assert.deepEqual(asked, ['0', '4', '4']);
});

scene('newer runs are told, and shown when somebody wants them', {}, async ({ page, person }) => {
  let runs = [RUNS.succeeded];
  await person.route((url) => url.pathname.startsWith('/api/'), (route) => give(route, route.request().url().includes('/api/runs') ? listed(runs) : CATALOG));
  await page.clock.install();
  await open(page, '/t/acme/runs');
  const rows = page.getByRole('table', { name: 'Runs' }).locator('tbody tr');
  await rows.first().waitFor();
  runs = [RUNS.failed, RUNS.cancelled, RUNS.succeeded];
  await page.clock.fastForward(10_000);
  await button(page, '2 newer runs').waitFor();
  assert.equal(await rows.count(), 1, 'the list did not move');
  await button(page, '2 newer runs').click();
  await eventually('they are shown', async () => await rows.count() === 3);
  assert.equal(await button(page, '2 newer runs').count(), 0);
});

scene('filters stand in the address, are there after Back, and lead to what they say', { answers: { '/api/automations': CATALOG } }, async ({ page, person }) => {
  const asked = [];
  await person.route((url) => url.pathname === '/api/runs', (route) => { asked.push(new URL(route.request().url()).search); return give(route, listed([RUNS.failed])); });
  for (const [path, answer] of Object.entries(answersOf(RUNS.failed))) await person.route((url) => url.pathname === path, (route) => give(route, answer));
  await open(page, '/t/acme/runs');
  await page.getByLabel('State').selectOption('failed');
  await page.getByLabel('Only mine').check();
  await eventually('both are asked for', () => /state=failed/.test(asked.at(-1)) && /by=me/.test(asked.at(-1)));
  assert.match(page.url(), /\?state=failed&by=me$/);
  await page.getByRole('rowheader').getByRole('link').click();
  await page.locator('main[data-state=run-failed]').waitFor();
  await page.goBack();
  await heading(page, 'Runs').waitFor();
  assert.equal(await page.getByLabel('State').inputValue(), 'failed');
  assert.equal(await page.getByLabel('Only mine').isChecked(), true);
});

scene('an outcome is recorded with its reason, and the page shows what came of it', { who: 'ada' }, async ({ page, person }) => {
  let it = RUNS.uncertain;
  let sent;
  const paths = () => ({ ...answersOf(it), [`/api/runs/${it.id}/outcome`]: (route) => {
    sent = route.request().postDataJSON();
    it = { ...run(5, 'queued', { steps: it.steps }), started_at: null };
    return give(route, { body: it });
  } });
  await person.route((url) => url.pathname in paths(), (route) => give(route, paths()[new URL(route.request().url()).pathname]));
  await open(page, `/t/acme/runs/${it.id}`);
  await page.getByRole('radio', { name: /^It happened/ }).check();
  await button(page, 'Record outcome').click();
  await page.getByText('Write at least 10 characters').waitFor();
  assert.equal(sent, undefined);
  await page.getByLabel('Reason').fill('The mail is in the archive.');
  await button(page, 'Record outcome').click();
  await page.locator('main[data-state=run-queued]').waitFor();
  assert.deepEqual(sent, { step: 'send', outcome: 'happened', reason: 'The mail is in the archive.', seq: 0 });
});

test('over a whole run a screen reader hears each change once, and neither lines nor every step of the way', async () => {
  const person = await stage.person({ who: 'eda', answers: { ...starts({ status: 201, body: run(3, 'queued', { started_at: null }) }).answers } });
  await played(person, async () => {
    let it = run(3, 'queued', { started_at: null });
    let all = [];
    const pending = [];
    const tell = async (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('after'));
      const fresh = all.filter(({ seq }) => seq > from);
      if (fresh.length === 0) return pending.push(route);
      return route.fulfill({ json: { ...eventPage(it.state, fresh).body, every_s: 0 } });
    };
    const happens = async (state, more, ...news) => {
      it = { ...it, state, seq: it.seq + news.length, ...more };
      all = [...all, ...events(...news).map((event, index) => ({ ...event, seq: all.length + index + 1 }))];
      await Promise.all(pending.splice(0).map(tell));
    };
    await person.route((url) => url.pathname.startsWith(`/api/runs/${it.id}`), (route) => (route.request().url().includes('/events') ? tell(route) : give(route, { body: it })));
    const heard = await listen(person);
    const page = await person.newPage();
    await page.clock.install();
    const said = [];
    const step = teller(page, heard, said);
    const progress = (done) => ({ kind: 'progress', done, of: 1000, text: 'accounts' });
    const main = (state) => page.locator(`main[data-state=run-${state}]`);
    await step('opens the form', async () => { await open(page, AT_FORM); await button(page, 'Start run').waitFor(); });
    await step('forgets the file', () => button(page, 'Start run').click(), page.getByRole('alert'));
    await step('starts', async () => {
      await page.getByLabel('Accounts').setInputFiles(csv);
      await button(page, 'Start run').click();
    }, main('queued'));
    const waited = async (news) => { await news(); await page.clock.fastForward(1_000); };
    await step('it runs', () => waited(() => happens('running', { started_at: NOW }, { kind: 'state', state: 'leased', attempt: 1 }, { kind: 'state', state: 'running', attempt: 1 })), main('running'));
    await step('it talks', () => waited(() => happens('running', {}, ...manyLines(300))), page.getByText('300 lines'));
    await step('it gets on', () => waited(() => happens('running', {}, ...Array.from({ length: 249 }, (_, at) => progress(at + 1)))), page.getByText('249 of 1,000'));
    await step('a quarter', () => waited(() => happens('running', {}, progress(250), progress(251), progress(252))), page.getByText('252 of 1,000'));
    await step('and half', () => waited(() => happens('running', {}, progress(500))), page.getByText('500 of 1,000'));
    await step('it ends', () => waited(() => happens('succeeded', { ended_at: NOW, result: { rows: [{ account: 'ana' }] }, result_rows: 1 }, { kind: 'state', state: 'succeeded', attempt: 1 })), page.getByRole('region', { name: 'Result table' }));
    await agrees('announcements-run.txt', said.join('\n'));
  });
});
