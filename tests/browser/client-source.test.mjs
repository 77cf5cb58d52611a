// The browser client as a file: its size, its types, and what needs no browser.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { setting } from './gateway.mjs';

const folder = join(import.meta.dirname, '../../console');
const script = await readFile(join(folder, 'gatelet.js'), 'utf8');
const types = await readFile(join(folder, 'gatelet.d.ts'), 'utf8');
const page = await readFile(join(import.meta.dirname, '../../docs/reference/browser-client.md'), 'utf8');

/** The client as a module of its own. The repository's folder has no manifest that says what `.js` is. */
const load = async () => {
  const home = await mkdtemp(join(tmpdir(), 'gatelet-client-'));
  const file = join(home, 'gatelet.mjs');
  await writeFile(file, script);
  const module = await import(pathToFileURL(file));
  await rm(home, { recursive: true });
  return module;
};

/** The names of an interface's members. */
const members = (name) => {
  const body = new RegExp(`export (?:interface|declare class) ${name}(?: extends \\w+)? \\{\\n([\\s\\S]*?)\\n\\}`).exec(types)[1];
  return [...body.matchAll(/^ {2}(?:readonly )?'?([\w-]+)'?[?(<:]/gm)].map(([, member]) => member).filter((member) => member !== 'constructor');
};
const union = (name) => [...new RegExp(`export type ${name} =([^;]+);`).exec(types)[1].matchAll(/'([\w-]+)'/g)].map(([, word]) => word);

test('the client is one file without imports, at most 4 KB on the wire', () => {
  assert.ok(!/\bimport\b/.test(script));
  assert.ok(!/innerHTML|insertAdjacent|document\.write|\beval\b|new Function|localStorage|sessionStorage|indexedDB|\.cookie/.test(script));
  const size = gzipSync(script, { level: 9 }).length;
  assert.ok(size <= 4096, `${size} bytes`);
});

test('the types are accepted by the strict compiler, and refuse what is wrong', async () => {
  const home = await mkdtemp(join(tmpdir(), 'gatelet-types-'));
  try {
    await writeFile(join(home, 'gatelet.js'), script);
    await writeFile(join(home, 'gatelet.d.ts'), types);
    await writeFile(join(home, 'use.ts'), await readFile(join(import.meta.dirname, 'client-types.ts'), 'utf8'));
    const compiler = join(setting('TEST_TYPESCRIPT'), 'bin/tsc');
    const words = ['--strict', '--noEmit', '--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2023,dom,dom.iterable', '--types', '', 'use.ts'];
    await promisify(execFile)(process.execPath, [compiler, ...words], { cwd: home })
      .catch((error) => assert.fail(error.stdout || error));
  } finally {
    await rm(home, { recursive: true });
  }
});

test('the types name the members, events and codes of the file, and no others', async () => {
  const words = (pattern) => [...new Set([...script.matchAll(pattern)].map(([, word]) => word))].sort();
  const told = words(/emit\('([\w-]+)'/g);
  assert.deepEqual(members('Events').sort(), told);
  const { createGatelet } = await load();
  Object.assign(globalThis, { location: new URL('https://gate.example/app'), addEventListener: () => {} });
  const client = createGatelet();
  client.close();
  assert.deepEqual(members('Gatelet').sort(), Object.keys(client).sort());
  const codes = union('ErrorCode');
  for (const code of codes) assert.ok(script.includes(`'${code}'`), code);
  const thrown = words(/GateletError\('(\w+)'/g).concat(words(/(?:\d{3}|\w+_required|other_region): '(\w+)'/g));
  for (const code of thrown) assert.ok(codes.includes(code), code);
});

test('the reference names every member, option, event, reason and code', () => {
  const names = [...members('Gatelet'), ...members('Options'), ...members('SignInOptions'), ...members('Events'), ...members('GateletError'), ...union('ErrorCode'), ...union('EndReason')];
  assert.ok(names.length > 40);
  for (const name of names) assert.ok(page.includes(`\`${name}`), name);
});

// What the gateway answers, and the code that it comes to.
const ANSWERS = [
  [400, 'bad_request', 'not_valid'], [401, 'sign_in_required', 'signed_out'], [401, 'step_up_required', 'step_up_needed'],
  [401, 'invalid_token', 'not_valid'], [403, 'not_admitted', 'forbidden'], [403, 'insufficient_scope', 'forbidden'],
  [404, 'not_found', 'gone'], [409, 'ends_anyway', 'conflict'], [409, 'already_there', 'conflict'], [413, 'too_large', 'not_valid'],
  [421, 'other_region', 'other_region'], [421, 'other_host', 'not_valid'], [429, 'too_many_requests', 'rate_limited'],
  [500, 'internal', 'unexpected'], [503, 'unavailable', 'unavailable'],
];

test('an answer that is not ok comes to one of the codes, with what it said', async () => {
  const { GateletError } = await load();
  for (const [status, problem, code] of ANSWERS) {
    const said = { type: `urn:gatelet:problem:${problem}`, title: 'So it is', status, code: problem, trace_id: 'abc', base_url: 'https://us.gate.example/', errors: [{ pointer: '/x', code: 'c', message: 'm' }] };
    const answer = new Response(JSON.stringify(said), { status, headers: { 'retry-after': '7' } });
    const error = await GateletError.from(answer, 100);
    assert.equal(error.code, code, problem);
    assert.ok(error instanceof Error && error.name === 'GateletError');
    const { title, message, traceId, retryAt, docs, errors, baseUrl } = error;
    assert.deepEqual({ title, message, traceId, retryAt, docs, errors, baseUrl, problem: error.problem }, {
      title: 'So it is', message: 'So it is', traceId: 'abc', retryAt: 107, docs: said.type, errors: said.errors, baseUrl: said.base_url, problem,
    });
    assert.deepEqual(await answer.json(), said, 'the answer stays readable');
  }
});

test('an answer of somebody else’s is understood by its status alone', async () => {
  const { GateletError } = await load();
  for (const [body, status, code] of [['<html>', 502, 'unavailable'], ['', 404, 'gone'], ['null', 403, 'forbidden'], ['[1]', 418, 'not_valid'], ['"x"', 401, 'not_valid']]) {
    const error = await GateletError.from(new Response(body, { status }));
    assert.equal(error.code, code, body);
    assert.deepEqual(error.errors, []);
  }
  const hostile = '{"__proto__":{"polluted":1},"constructor":"x","name":"Other","message":"said","stack":"s","cause":"c","status":1,"code":"toString"}';
  const error = await GateletError.from(new Response(hostile, { status: 403 }));
  assert.ok(error instanceof GateletError);
  assert.equal(error.code, 'forbidden');
  assert.equal(error.status, 403);
  assert.equal({}.polluted, undefined);
});
