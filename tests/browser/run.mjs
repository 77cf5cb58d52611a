// Runs the tests beside this file and sums them up in the words that the task runner counts.
// Words after its name are the files to run instead of all.

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from 'node:test';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.mjs'));
const chosen = process.argv.slice(2);
const count = { passed: 0, failed: 0 };
const times = new Map();
const note = (event, word) => {
  // A file is reported like a test that holds the others. It counts when it failed by itself.
  const failure = event.details.error?.failureType ?? 'none';
  if (event.nesting === 0) {
    const file = basename(event.file ?? event.name);
    times.set(file, (times.get(file) ?? 0) + event.details.duration_ms / 1000);
  }
  if (event.name.endsWith('.mjs') && ['none', 'subtestsFailed'].includes(failure)) return;
  count[word] += 1;
  console.log(`test ${event.name} ... ${word === 'passed' ? 'ok' : 'FAILED'}`);
  if (word === 'failed') console.log(event.details.error?.cause?.stack ?? event.details.error);
};

const paths = (chosen.length > 0 ? chosen : files).map((name) => join(import.meta.dirname, basename(name)));
for await (const { type, data } of run({ files: paths, concurrency: 1 })) {
  if (type === 'test:pass') note(data, 'passed');
  if (type === 'test:fail') note(data, 'failed');
  if (type === 'test:stderr' || type === 'test:stdout') process.stdout.write(data.message);
}
for (const [file, seconds] of times) console.log(`${seconds.toFixed(1).padStart(6)} s  ${file}`);
const word = count.failed === 0 && count.passed > 0 ? 'ok' : 'FAILED';
console.log(`test result: ${word}. ${count.passed} passed; ${count.failed} failed;`);
process.exitCode = word === 'ok' ? 0 : 1;
