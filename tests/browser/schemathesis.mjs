// Holds the gateway to its own description: schemathesis asks what nobody would think of, first as a stranger,
// then as somebody who is signed in.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { Gateway, setting } from './gateway.mjs';
import { session } from './session.mjs';

const description = join(import.meta.dirname, '../../docs/reference/openapi.json');

const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance',
  'response_schema_conformance', 'response_headers_conformance', 'unsupported_method'];

/** One run with these checks and words. True if every answer was as described. */
async function holds(gateway, checks, more) {
  const words = ['run', description, '--url', gateway.address, '--seed', '1', '--max-examples', '40'];
  words.push('--phases', 'coverage,fuzzing', '--generation-database', 'none', '--checks', checks.join(','));
  const env = { PATH: setting('PATH'), HOME: gateway.folder };
  const options = { env, cwd: gateway.folder, stdio: 'inherit' };
  const run = spawn(setting('TEST_SCHEMATHESIS'), [...words, ...more], options);
  return new Promise((resolve) => run.once('exit', (code) => resolve(code === 0)));
}

const gateway = await Gateway.start();
try {
  const stranger = await holds(gateway, [...CHECKS, 'negative_data_rejection'], []);
  const cookie = await session(gateway);
  const proof = ['-H', `cookie: ${cookie}`, '-H', 'x-gatelet-csrf: 1'];
  // These would end the session, and the rest would be a stranger's again. That a request without the cookie is
  // refused cannot be checked where every request has it: that was the stranger's run.
  const ends = ['--exclude-path', '/auth/logout', '--exclude-path-regex', '^/auth/(login|callback|choose)'];
  const ada = await holds(gateway, CHECKS, [...proof, ...ends]);
  process.exitCode = stranger && ada ? 0 : 1;
} finally {
  await gateway.stop();
}
