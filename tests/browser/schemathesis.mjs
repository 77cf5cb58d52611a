// Holds the gateway to its own description: schemathesis asks what nobody would think of, first as a stranger,
// then as somebody who is signed in.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { Gateway, setting } from './gateway.mjs';

const description = join(import.meta.dirname, '../../docs/reference/openapi.json');

/** The pairs that a browser would send back. */
const cookies = (answer) => answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');

/** Signs in as Ada without a browser, and returns the session's cookie. */
async function session(gateway) {
  const step = { redirect: 'manual' };
  const begun = await fetch(`${gateway.address}/auth/login/pocket?target=/`, step);
  const asked = await fetch(begun.headers.get('location'), step);
  const request = /name="request" value="([^"]+)"/.exec(await asked.text())[1];
  const form = new URLSearchParams({ request, person: 'ada' });
  const chosen = await fetch(`${gateway.provider}/authorize`, { ...step, method: 'POST', body: form });
  const headers = { cookie: cookies(begun) };
  return cookies(await fetch(chosen.headers.get('location'), { ...step, headers }));
}

/** One run with these headers. True if every answer was as described. */
async function holds(gateway, headers, more) {
  const words = ['run', description, '--url', gateway.address, '--seed', '1', '--max-examples', '40'];
  // Methods that no route has are tried by the tests of the front. A stranger's cookie is what the second run is for.
  const checks = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance',
    'response_schema_conformance', 'response_headers_conformance', 'negative_data_rejection', 'unsupported_method'];
  words.push('--checks', checks.join(','), '--phases', 'examples,coverage,fuzzing', '--generation-database', 'none');
  for (const header of headers) words.push('-H', header);
  const env = { PATH: process.env.PATH, HOME: gateway.folder };
  const run = spawn(setting('TEST_SCHEMATHESIS'), [...words, ...more], { env, cwd: gateway.folder, stdio: 'inherit' });
  return new Promise((resolve) => run.once('exit', (code) => resolve(code === 0)));
}

const gateway = await Gateway.start();
try {
  const stranger = await holds(gateway, [], []);
  const cookie = await session(gateway);
  if (!cookie.startsWith('bff_session=')) throw new Error(`nobody is signed in: ${gateway.log}`);
  // The page's own script would end the session with these, and the rest would be a stranger's again.
  const ends = ['--exclude-path', '/auth/logout', '--exclude-path-regex', '^/auth/(login|callback|choose)'];
  const ada = await holds(gateway, [`cookie: ${cookie}`, 'x-gatelet-csrf: 1'], ends);
  process.exitCode = stranger && ada ? 0 : 1;
} finally {
  await gateway.stop();
}
