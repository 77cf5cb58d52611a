// What the API answers in the rooms of the automations, made up: a catalog, runs in every state, their events.

import { give, problem } from './answers.mjs';

/** The time at which everything happens, in seconds. */
export const NOW = Math.floor(Date.now() / 1000);

const YES = { allowed: true };
const NO = { allowed: false, code: 'run_over', reason: 'The run is over' };
export const TOO_OLD = { allowed: false, code: 'step_up_required', reason: 'This needs a more recent or a stronger sign-in' };
export const NOT_MINE = { allowed: false, code: 'insufficient_scope', reason: 'The token does not reach as far as this', who: ['scope:runs:approve'] };

/** An automation of the catalog. */
const automation = (name, title, more = {}) => ({
  name, title, summary: `${title}, in one sentence.`, version: '1.2.0', digest: 'a1b2c3d4e5f6'.padEnd(64, '0'), effect: 'reads',
  timeout_s: 120, attempts: 3, sandbox: { minimum: 1, here: 3 }, concurrency: { limit: 1, on_busy: 'queue' }, schedules: [],
  connections: [], can: { start: YES }, ...more,
});

export const REVIEW = automation('access-review', 'Access review', {
  summary: 'Finds dormant and over-privileged accounts in a list of accounts.',
});
export const BLOCK = automation('s3-block-public-access', 'Block public access on S3', {
  effect: 'steps', schedules: [{ name: 'nightly', every_s: 86_400, next_at: NOW + 7_300 }], sandbox: { minimum: 3, here: 3 }, concurrency: { limit: 2, on_busy: 'coalesce' },
  connections: [{ name: 'cloud', kind: 'aws', title: 'AWS account', may: ['s3:ListAllMyBuckets', 's3:PutBucketPublicAccessBlock'], choices: [{ name: 'acme-prod' }, { name: 'acme-test' }] }],
});
const MAIL = automation('notify-owners', 'Notify owners', {
  effect: 'unsafe', concurrency: { limit: 1, on_busy: 'reject' },
  connections: [{ name: 'mail', kind: 'token', title: 'Mail service', may: ['send'], choices: [] }],
  can: { start: { allowed: false, code: 'role_required', reason: 'Your role does not start this', who: ['role:admin'] } },
});

export const CATALOG = { body: { automations: [REVIEW, BLOCK, MAIL] } };

const object = (properties, required = []) => ({ type: 'object', additionalProperties: false, required, properties });

export const REVIEW_FORM = {
  ...REVIEW,
  inputs: object({
    accounts: { type: 'string', title: 'Accounts', description: 'A CSV with a row for each account.', contentMediaType: 'text/csv', 'x-max-bytes': 4096, 'x-sample': 'accounts.csv', 'x-order': 1 },
    days: { type: 'integer', title: 'Dormant after', minimum: 1, maximum: 3650, default: 90, 'x-unit': 'days', 'x-order': 2 },
  }, ['accounts', 'days']),
  result: { kind: 'table', columns: [{ name: 'account', title: 'Account' }, { name: 'finding', title: 'Finding' }, { name: 'days', title: 'Unused', unit: 'days' }] },
  samples: { accounts: { name: 'accounts.csv', href: '/api/automations/access-review/samples/accounts.csv' } },
};

/** A form with a field of every kind. */
export const EVERY_FIELD = {
  ...BLOCK,
  inputs: object({
    name: { type: 'string', title: 'Name', minLength: 3, maxLength: 20, pattern: '^[a-z-]+$', description: 'Small letters and hyphens.', 'x-order': 1 },
    notes: { type: 'string', title: 'Notes', maxLength: 500, 'x-widget': 'textarea', 'x-order': 2 },
    mode: { type: 'string', title: 'Mode', enum: ['look', 'change'], 'x-order': 3 },
    region: { type: 'string', title: 'Region', enum: ['eu-central-1', 'eu-west-1', 'eu-north-1', 'us-east-1', 'us-west-2', 'ap-south-1'], 'x-order': 4 },
    keep: { type: 'integer', title: 'Keep', oneOf: [{ const: 30, title: 'A month' }, { const: 365, title: 'A year' }], 'x-order': 5 },
    dry: { type: 'boolean', title: 'Change nothing', default: true, 'x-order': 6 },
    share: { type: 'number', title: 'Share', minimum: 0, maximum: 100, 'x-unit': '%', 'x-order': 7 },
    since: { type: 'string', title: 'Since', format: 'date', 'x-order': 8 },
    until: { type: 'string', title: 'Until', format: 'date-time', 'x-order': 9 },
    page: { type: 'string', title: 'Web page', format: 'uri', maxLength: 200, 'x-order': 10 },
    owner: { type: 'string', title: 'Owner', format: 'email', maxLength: 200, 'x-order': 11 },
    buckets: { type: 'array', title: 'Buckets', items: { type: 'string', maxLength: 63, pattern: '^[a-z0-9.-]+$' }, minItems: 1, maxItems: 3, uniqueItems: true, 'x-order': 12 },
    kinds: { type: 'array', title: 'Kinds', items: { type: 'string', enum: ['public', 'shared', 'private'] }, maxItems: 3, 'x-order': 13 },
    code: { type: 'string', title: 'Access code', maxLength: 100, 'x-sensitive': true, 'x-order': 14 },
    report: object({ to: { type: 'string', title: 'Send to', format: 'email', maxLength: 200 }, brief: { type: 'boolean', title: 'In brief' } }, ['to']),
    list: { type: 'string', title: 'List', contentMediaType: 'text/csv', 'x-max-bytes': 100, 'x-order': 16 },
  }, ['name', 'mode', 'region', 'share', 'buckets', 'report']),
  result: { kind: 'facts', facts: [{ name: 'blocked', title: 'Blocked' }] },
  samples: {},
};
EVERY_FIELD.inputs.properties.report.title = 'Report';
EVERY_FIELD.inputs.properties.report['x-order'] = 15;

/** The id of a run, by its number. */
export const runId = (number) => `01jd8kqz${String(number).padStart(18, '0')}`;

const step = (key, title, kind, state, more = {}) => ({
  key, title, class: kind, quiet: false, state, begun_at: NOW - 590, done_at: state === 'begun' || state === 'unknown' ? null : NOW - 588, evidence: null, ...more,
});

const RESULT = { rows: [
  { account: 'ana@acme.example', finding: 'Dormant', days: 412 },
  { account: 'bob@acme.example', finding: 'Several privileged roles', days: 31 },
  { account: 'cy@acme.example', finding: 'Never used', days: null },
] };

/** A run as the API tells it. */
export const run = (number, state, more = {}) => ({
  id: runId(number), automation: { name: 'access-review', title: 'Access review', version: '1.2.0', digest: REVIEW.digest },
  state, code: null, message: null, requested_at: NOW - 600, started_at: NOW - 599, ended_at: null,
  by: { subject: 's-eda', name: 'Eda', schedule: null }, attempt: 1, max_attempts: 3, cancel_requested: false, progress: null,
  credential_ends_at: null, continues_at: null, trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', seq: 0,
  audit: { entries: 4, head: '9f3c'.repeat(16) }, can: { cancel: NO, record_outcome: NO, run_again: YES },
  inputs: { accounts: 'u-1', days: 90 }, connections: {}, steps: [], result: null, result_rows: null, artifacts: [], sandbox: null, ...more,
});

const SANDBOX = { level: 3, network: 'unrestricted', probes: [
  { name: 'own_user', holds: true, detail: 'another user than the gateway' }, { name: 'landlock', holds: true, detail: 'ABI 5' }, { name: 'virtual_machine', holds: false, detail: 'none' },
] };
const READ = step('read', 'Read the file', 'R', 'done', { begun_at: NOW - 598.4, done_at: NOW - 598.2 });
const CLASSIFY = step('classify', 'Classify 1,204 accounts', 'R', 'done', { quiet: true, done_at: NOW - 580 });
const ENDED = { ended_at: NOW - 540 };

/** A run in each state, with what a run in that state has. */
export const RUNS = {
  queued: run(1, 'queued', { started_at: null, can: { cancel: YES, record_outcome: NO, run_again: YES } }),
  leased: run(2, 'leased', { can: { cancel: YES, record_outcome: NO, run_again: YES } }),
  running: run(3, 'running', {
    progress: { done: 771, of: 1204, text: 'accounts' }, sandbox: SANDBOX, seq: 4, can: { cancel: YES, record_outcome: NO, run_again: YES },
    steps: [READ, step('classify', 'Classify 1,204 accounts', 'R', 'begun')],
  }),
  recovering: run(4, 'recovering', {
    continues_at: NOW + 900, credential_ends_at: NOW + 895, attempt: 1, can: { cancel: YES, record_outcome: NO, run_again: YES }, connections: { cloud: 'acme-prod' },
    steps: [READ, step('tag', 'Tag the bucket', 'B', 'begun')],
  }),
  uncertain: run(5, 'uncertain', {
    credential_ends_at: NOW + 300, connections: { mail: 'acme-mail' }, can: { cancel: NO, record_outcome: YES, run_again: YES },
    steps: [READ, CLASSIFY, step('send', 'Send the report', 'D', 'unknown')],
  }),
  succeeded: run(6, 'succeeded', {
    ...ENDED, result: RESULT, result_rows: 3, sandbox: SANDBOX, seq: 9,
    steps: [READ, CLASSIFY, step('write', 'Write the report', 'A', 'done', { evidence: { request_id: 'req-7', etag: 'W/"3"' } }), step('undo', 'Take it back', 'C', 'undone')],
    artifacts: [{ name: 'report.pdf', media_type: 'application/pdf', bytes: 48_213, sha256: 'ab'.repeat(32) }],
  }),
  failed: run(7, 'failed', {
    ...ENDED, code: 'script:bad_file', message: 'Line 7 has no account.', steps: [READ, step('tag', 'Tag the bucket', 'B', 'done'), step('classify', 'Classify the accounts', 'R', 'begun')],
  }),
  cancelled: run(8, 'cancelled', { ...ENDED, cancel_requested: true }),
  timed_out: run(9, 'timed_out', { ...ENDED, code: 'timed_out' }),
  poisoned: run(10, 'poisoned', { ...ENDED, code: 'script_lost', attempt: 3, steps: [step('send', 'Send the report', 'D', 'recorded')] }),
};

/** What lists have of a run. */
const brief = ({ inputs, connections, steps, result, result_rows, artifacts, sandbox, ...rest }) => rest;
export const listed = (runs, next = null) => ({ body: { runs: runs.map(brief), next } });
export const EVERY_RUN = listed(Object.values(RUNS), 'older');
export const NO_RUNS = listed([]);

export const GONE = problem(404, 'not_found', 'There is no such thing here');

/** What the first page asks for: runs that need somebody, one's own, all of them, and the automation to start with. */
export const atHome = ({ uncertain = [], mine = [], all = mine, first = REVIEW } = {}) => ({
  '/api/runs': (route) => {
    const { searchParams: asked } = new URL(route.request().url());
    return give(route, listed(asked.has('state') ? uncertain : asked.has('by') ? mine : all));
  },
  '/api/automations/access-review': first ? { body: first } : GONE,
});

/** Events, numbered from one, a second apart. */
export const events = (...all) => all.map((event, index) => ({ seq: index + 1, at_ms: (NOW - 599 + index) * 1000, ...event }));
export const page = (state, all = []) => ({ body: { events: all, seq: all.length, state, hint: 'poll', every_s: 2 } });

/** What the page of one run asks for: the run, and its events, which come once. */
export function answersOf(it, all = []) {
  const path = `/api/runs/${it.id}`;
  const rest = async (route) => {
    const after = Number(new URL(route.request().url()).searchParams.get('after'));
    const { body } = page(it.state, all.filter(({ seq }) => seq > after));
    // A question that has no answer yet is answered later.
    if (body.events.length === 0 && !OVER.includes(it.state)) return;
    await route.fulfill({ json: body });
  };
  return { [path]: { body: it }, [`${path}/events`]: rest, '/api/automations/access-review': { body: REVIEW_FORM } };
}
const OVER = ['succeeded', 'failed', 'cancelled', 'timed_out', 'poisoned'];

export const LOG = events(
  { kind: 'state', state: 'leased', attempt: 1 }, { kind: 'state', state: 'running', attempt: 1 },
  { kind: 'log', source: 'script', lines: ['Reading accounts.csv', '1,204 accounts'] }, { kind: 'log', source: 'gateway', lines: ['[credential cloud removed]'] },
);

/** Many lines, as a script that talks much writes them. */
export const manyLines = (count) => Array.from({ length: Math.ceil(count / 100) }, (_, batch) => ({
  kind: 'log', source: 'script', lines: Array.from({ length: Math.min(100, count - batch * 100) }, (__, at) => `line ${batch * 100 + at + 1} of what was done`),
}));

/** Rows that want to be more than text. */
export const HOSTILE = { rows: [
  { account: '<script>alert(1)</script><img src=x onerror=alert(2)>', finding: '=HYPERLINK("https://evil.example")', days: -1 },
  { account: '👩‍👩‍👧 \u202Etxt.exe', finding: 'שלום עולם, مرحبا', days: 1e21 },
  { account: 'x'.repeat(10_240), finding: { type: 'b', props: { children: 'bold' }, key: null, ref: null, __v: 0 }, days: ['a', ['b']] },
  { account: null, finding: true },
] };

export const RECORDS = { body: { records: [
  { v: 1, tenant: 'acme', at_ms: NOW * 1000 - 4_321, actor: { kind: 'session', id: '5e55' }, action: 'run.request', resource: runId(6), outcome: 'ok', seq: 0, prev: '' },
  { v: 1, tenant: 'acme', at_ms: NOW * 1000 - 9_876, actor: { kind: 'system', id: 'worker' }, action: 'run.claim', resource: runId(6), outcome: 'ok', seq: 1, prev: 'ab'.repeat(32) },
  { v: 1, tenant: 'acme', at_ms: NOW * 1000 - 60_000, actor: { kind: 'session', id: '5e56' }, action: 'session.end', resource: 's-1', outcome: 'ok' },
], next: 'older' } };
