// What the browser client knows about runs, without a browser: it starts one once, and loses no event and doubles none.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { setting } from './gateway.mjs';

const FILES = ['gatelet.js', 'gatelet.d.ts', 'gatelet-runs.js', 'gatelet-runs.d.ts'];
const folder = join(import.meta.dirname, '../../console');
let home;
let createRuns;
let GateletError;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatelet-runs-'));
  for (const name of FILES) await cp(join(folder, name), join(home, name));
  await writeFile(join(home, 'package.json'), '{ "type": "module" }');
  ({ createRuns } = await import(pathToFileURL(join(home, 'gatelet-runs.js'))));
  ({ GateletError } = await import(pathToFileURL(join(home, 'gatelet.js'))));
});
after(() => rm(home, { recursive: true }));

/** A client whose calls are answered in turn; it notes what it was asked. */
function played(...answers) {
  const asked = [];
  const fetch = async (path, init = {}) => {
    const url = new URL(path, 'https://gate.example');
    asked.push({ path: url.pathname, query: Object.fromEntries(url.searchParams), ...init });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    return typeof answer === 'function' ? answer(init) : answer;
  };
  return { asked, runs: createRuns({ fetch, now: () => Date.now() / 1000 }) };
}

const json = (body, status = 200, headers = {}) => () => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const page = (state, ...events) => json({ events, seq: events.at(-1)?.seq ?? 0, state, hint: 'poll', every_s: 0 });
const log = (seq) => ({ seq, at_ms: 1, kind: 'log', source: 'script', lines: [`line ${seq}`] });
const end = (seq, state = 'succeeded') => ({ seq, at_ms: 1, kind: 'state', state, attempt: 1 });

/** A stream that says this, in pieces of a few bytes, and then ends or breaks. */
const stream = (text, { breaks = false } = {}) => () => {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const body = new ReadableStream({
    pull(line) {
      if (at >= bytes.length) return breaks ? line.error(new TypeError('network error')) : line.close();
      line.enqueue(bytes.slice(at, at += 7));
      return undefined;
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
};
const sent = (event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;

async function heard(events) {
  const found = [];
  for await (const event of events) found.push(event.seq);
  return found;
}

test('a run is asked for under its key, which is a text in quotes', async () => {
  const { runs, asked } = played(json({ id: 'r1' }, 201));
  assert.deepEqual(await runs.run('access review', { inputs: { days: 9 }, connections: { cloud: 'prod' } }, { key: 'k-1' }), { id: 'r1' });
  const [{ path, method, headers, body }] = asked;
  assert.deepEqual([path, method, headers['idempotency-key']], ['/api/automations/access%20review/runs', 'POST', '"k-1"']);
  assert.deepEqual(JSON.parse(body), { inputs: { days: 9 }, connections: { cloud: 'prod' } });
  const [one, other] = [played(json({})), played(json({}))];
  await one.runs.run('x');
  await other.runs.run('x');
  assert.notEqual(one.asked[0].headers['idempotency-key'], other.asked[0].headers['idempotency-key']);
});

test('a refused run says which input is wrong', async () => {
  const errors = [{ pointer: '/inputs/days', code: 'maximum', message: 'too many' }];
  const { runs } = played(json({ code: 'invalid_inputs', errors, status: 422 }, 422));
  await assert.rejects(runs.run('x'), (error) => error instanceof GateletError && error.code === 'not_valid' && error.errors[0].pointer === '/inputs/days');
});

test('asking gives each event once, asks from the last one on, and ends after the last', async () => {
  const { runs, asked } = played(page('running', log(1), log(2)), page('running'), page('running', log(2), log(3)), page('succeeded', log(4), end(5)));
  assert.deepEqual(await heard(runs.events('r/1')), [1, 2, 3, 4, 5]);
  assert.deepEqual(asked.map(({ query }) => query.after), ['0', '2', '2', '3']);
  assert.equal(asked[0].path, '/api/runs/r%2F1/events');
  assert.match(asked[0].headers.accept, /^text\/event-stream/);
});

test('what came before is not told again, and a run that is over ends the loop', async () => {
  const { runs, asked } = played(page('succeeded'));
  assert.deepEqual(await heard(runs.events('r1', { after: 12 })), []);
  assert.equal(asked[0].query.after, '12');
});

test('a stream is read whatever its pieces are, with comments and lines of either kind', async () => {
  const text = `: heartbeat\n\n${sent(log(1))}id: 2\r\ndata: ${JSON.stringify(log(2))}\r\n\r\n${sent({ ...log(3), lines: ['ü “€” \n two'] })}${sent(end(4))}`;
  const ways = [];
  const { runs, asked } = played(stream(text));
  assert.deepEqual(await heard(runs.events('r1', { told: (way) => ways.push(way.way) })), [1, 2, 3, 4]);
  assert.deepEqual([asked.length, ...ways], [1, 'stream']);
});

test('a stream that ends or breaks in the middle of an event goes on after the last whole one', async () => {
  const half = sent(log(3)).slice(0, 30);
  const { runs, asked } = played(stream(sent(log(1)) + half), stream(sent(log(2)) + half, { breaks: true }), stream(sent(log(2)) + sent(log(3)) + sent(end(4))));
  assert.deepEqual(await heard(runs.events('r1')), [1, 2, 3, 4]);
  assert.deepEqual(asked.map(({ query }) => query.after), ['0', '1', '2']);
});

test('what passes is waited for, and what does not pass rejects', async () => {
  const ways = [];
  const { runs } = played(json({ code: 'unavailable' }, 503), () => { throw new GateletError('unavailable'); }, page('failed', end(1, 'failed')));
  assert.deepEqual(await heard(runs.events('r1', { told: (way) => ways.push(way.way) })), [1]);
  assert.deepEqual(ways, ['lost', 'lost', 'poll']);
  for (const [status, code] of [[404, 'gone'], [403, 'forbidden']]) {
    await assert.rejects(heard(played(json({}, status)).runs.events('r1')), (error) => error.code === code);
  }
});

test('whoever stops listening ends the connection', async () => {
  let ended;
  const open = (init) => new Promise((_, reject) => { ended = init.signal; init.signal.addEventListener('abort', () => reject(init.signal.reason)); });
  const { runs } = played(open);
  const stop = new AbortController();
  const listening = heard(runs.events('r1', { signal: stop.signal }));
  await new Promise((done) => { setImmediate(done); });
  stop.abort();
  await assert.rejects(listening, { name: 'AbortError' });
  assert.equal(ended.aborted, true);
  const second = played(page('running', log(1), log(2)));
  for await (const event of second.runs.events('r1')) if (event.seq === 1) break;
  assert.equal(second.asked[0].signal.aborted, true);
});

test('it is a file of two kilobytes on the wire that keeps nothing and makes no markup', async () => {
  const script = await readFile(join(folder, 'gatelet-runs.js'), 'utf8');
  assert.ok(!/innerHTML|insertAdjacent|document\.|\beval\b|new Function|localStorage|sessionStorage|indexedDB|\.cookie/.test(script));
  assert.deepEqual([...script.matchAll(/from '([^']+)'/g)].map(([, from]) => from), ['./gatelet.js']);
  assert.ok(gzipSync(script, { level: 9 }).length <= 2048);
});

test('the types are accepted by the strict compiler, and refuse what is wrong', async () => {
  await writeFile(join(home, 'use.ts'), `
    import { createGatelet } from './gatelet.js';
    import { createRuns, type Run } from './gatelet-runs.js';
    const runs = createRuns(createGatelet());
    export async function follow(): Promise<string[]> {
      const run: Run = await runs.run('access-review', { inputs: { days: 9 } }, { key: 'k' });
      const lines: string[] = [];
      for await (const event of runs.events(run.id, { after: run.seq, told: (way) => { if (way.way === 'poll') lines.push(String(way.every)); } })) {
        if (event.kind === 'log') lines.push(...event.lines);
        // @ts-expect-error Only events of logs have lines.
        if (event.kind === 'state') lines.push(...event.lines);
      }
      return lines;
    }
    // @ts-expect-error There is no such state.
    export const isOver = (run: Run) => run.state === 'done';
  `);
  const words = ['--strict', '--noEmit', '--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2023,dom,dom.iterable', '--types', '', 'use.ts'];
  await promisify(execFile)(process.execPath, [join(setting('TEST_TYPESCRIPT'), 'bin/tsc'), ...words], { cwd: home }).catch((error) => assert.fail(error.stdout || error));
});

test('the reference names its members and every kind of event', async () => {
  const [types, reference] = await Promise.all([readFile(join(folder, 'gatelet-runs.d.ts'), 'utf8'), readFile(join(folder, '../docs/reference/browser-client.md'), 'utf8')]);
  const kinds = [...types.matchAll(/kind: '(\w+)'/g)].map(([, kind]) => kind);
  assert.ok(kinds.length > 6);
  for (const name of ['run(name', 'events(id', 'createRuns(gatelet', 'told', ...kinds]) assert.ok(reference.includes(`\`${name}`), name);
});
