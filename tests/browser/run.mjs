// Runs the tests beside this file and sums them up in the words that the task runner counts.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.mjs'));
const count = { passed: 0, failed: 0 };
const note = (event, word) => {
  // A file is reported like a test that holds the others.
  if (event.nesting === 0 && event.name.endsWith('.mjs') && event.details.error?.failureType !== 'testCodeFailure') return;
  count[word] += 1;
  console.log(`test ${event.name} ... ${word === 'passed' ? 'ok' : 'FAILED'}`);
  if (word === 'failed') console.log(event.details.error?.cause?.stack ?? event.details.error);
};

const stream = run({ files: files.map((name) => join(import.meta.dirname, name)), concurrency: 1 });
stream.on('test:pass', (event) => note(event, 'passed'));
stream.on('test:fail', (event) => note(event, 'failed'));
stream.on('test:stderr', ({ message }) => process.stderr.write(message));
stream.on('test:stdout', ({ message }) => process.stdout.write(message));
stream.on('end', () => {
  const word = count.failed === 0 && count.passed > 0 ? 'ok' : 'FAILED';
  console.log(`test result: ${word}. ${count.passed} passed; ${count.failed} failed;`);
  process.exitCode = word === 'ok' ? 0 : 1;
});
