// The rooms of the automations in every state: part of the table in states.mjs, which says what the members mean.

import { AWAY, OFTEN, give, problem } from './answers.mjs';
import {
  BLOCK, CATALOG, EVERY_FIELD, EVERY_RUN, GONE, HOSTILE, LOG, NOT_MINE, NO_RUNS, RECORDS, REVIEW_FORM, RUNS, TOO_OLD,
  answersOf, atHome, events, listed, manyLines, run, runId,
} from './automations.mjs';

const title = (name) => (page) => page.getByRole('heading', { level: 1, name });
const heading = (name) => (page) => page.getByRole('heading', { level: 2, name });
const text = (shape) => (page) => page.locator('main').getByText(shape).first();
const button = (page, name) => page.getByRole('button', { name, exact: true });
const csv = (name, content) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });

const HOME = [
  { name: 'home-runs', who: 'eda', answers: atHome({ mine: Object.values(RUNS).slice(2, 7), uncertain: [RUNS.uncertain] }), shows: text('1 hour') },
  { name: 'home-needs-admin', who: 'ada', answers: atHome({ uncertain: [RUNS.uncertain] }), shows: text(/You can record what happened/) },
  { name: 'home-no-start', who: 'eda', answers: atHome({ first: null }), shows: text(/You have started no runs yet/) },
  { name: 'home-loading', who: 'eda', answers: { '/api/runs': 'silent' }, shows: text('Loading your runs…') },
  { name: 'home-away', who: 'eda', answers: { '/api/runs': OFTEN }, shows: text(/Your runs could not be listed/) },
].map((state) => ({ page: 'home', at: '/t/acme', ...state }));
HOME[0].shows = (page) => page.getByRole('table', { name: 'Your recent runs' });

const AUTOMATIONS = [
  { name: 'automations', answers: { '/api/automations': CATALOG }, shows: text('3 automations of 3') },
  { name: 'automations-found', at: '/t/acme/automations?q=block&effect=steps', answers: { '/api/automations': CATALOG }, shows: text('1 automation of 3') },
  { name: 'automations-none-fit', at: '/t/acme/automations?q=nothing', answers: { '/api/automations': CATALOG }, shows: text(/No automation fits/) },
  { name: 'automations-empty', answers: { '/api/automations': { body: { automations: [] } } }, shows: text(/The catalog is empty/) },
  { name: 'automations-loading', answers: { '/api/automations': 'silent' }, shows: text('Loading the automations…') },
  { name: 'automations-away', answers: { '/api/automations': AWAY }, shows: text(/could not be listed/) },
].map((state) => ({ page: 'automations', at: '/t/acme/automations', who: 'eda', ...state }));

const FORM = '/api/automations/access-review';
const EVERY = '/api/automations/s3-block-public-access';
const SAMPLE = { [`${FORM}/samples/accounts.csv`]: (route) => route.fulfill({ contentType: 'text/csv', body: 'account,roles\nana@acme.example,admin\nbob@acme.example,\n' }) };
const UPLOADED = { '/api/uploads': { status: 201, body: { id: 'u-1', bytes: 60 } } };
const useSample = async (page) => {
  await button(page, 'Use the sample file').click();
  await page.getByText('accounts.csv, 55 bytes').waitFor();
};
/** The sample is chosen and the run is asked for; this is what comes of it. */
const started = (answer) => ({
  answers: { [FORM]: { body: REVIEW_FORM }, ...SAMPLE, ...UPLOADED, [`${FORM}/runs`]: answer },
  then: async ({ page }) => {
    await useSample(page);
    await button(page, 'Start run').click();
  },
});
const every = { at: '/t/acme/automations/s3-block-public-access', answers: { [EVERY]: { body: EVERY_FIELD } } };

const AUTOMATION = [
  { name: 'automation', answers: { [FORM]: { body: REVIEW_FORM } }, shows: (page) => button(page, 'Start run') },
  { name: 'automation-sample', answers: { [FORM]: { body: REVIEW_FORM }, ...SAMPLE }, then: ({ page }) => useSample(page), shows: (page) => page.getByRole('group', { name: 'First lines' }) },
  {
    name: 'automation-too-big', answers: { [FORM]: { body: REVIEW_FORM } }, shows: heading('There is a problem'),
    then: async ({ page }) => {
      await page.getByLabel('Accounts').setInputFiles(csv('accounts.csv', 'x'.repeat(5_000)));
      await button(page, 'Start run').click();
    },
  },
  { name: 'automation-every-field', ...every, shows: (page) => button(page, 'Start run') },
  { name: 'automation-wrong', ...every, then: ({ page }) => button(page, 'Start run').click(), shows: heading('There is a problem') },
  {
    name: 'automation-refused', shows: heading('There is a problem'),
    ...started(problem(422, 'invalid_inputs', 'Some inputs are not what is asked for', { errors: [
      { pointer: '/inputs/accounts', code: 'file', message: 'There is no column “account”.' }, { pointer: '/inputs/days', code: 'maximum', message: 'It is more than 30.' },
    ] })),
  },
  {
    name: 'automation-not-known', ...started('gone'), shows: text(/We do not know yet whether this was accepted/),
    then: async ({ page }) => {
      await useSample(page);
      await button(page, 'Start run').click();
      await text(/We do not know yet/)(page).waitFor();
      // The client asks again by itself, and is connected again.
      await page.getByRole('complementary', { name: 'Connection' }).waitFor({ state: 'detached' });
    },
  },
  { name: 'automation-away', ...started(problem(429, 'too_many_requests', 'Too many requests')), shows: text(/The run was not started/) },
  { name: 'automation-starting', ...started('silent'), shows: (page) => button(page, 'Starting…') },
  { name: 'automation-barred', at: '/t/acme/automations/notify-owners', who: 'vic', shows: text(/You cannot start this automation/),
    answers: { '/api/automations/notify-owners': { body: { ...CATALOG.body.automations[2], inputs: { type: 'object' }, result: { kind: 'text' } } } } },
  { name: 'automation-no-connection', at: '/t/acme/automations/s3-block-public-access', shows: text(/It needs a connection/),
    answers: { [EVERY]: { body: { ...EVERY_FIELD, connections: [{ ...BLOCK.connections[0], choices: [] }] } } } },
  { name: 'automation-sandbox', at: '/t/acme/automations/s3-block-public-access', shows: text(/This host reaches isolation 1/),
    answers: { [EVERY]: { body: { ...EVERY_FIELD, sandbox: { minimum: 3, here: 1 } } } } },
  { name: 'automation-from', at: `/t/acme/automations/access-review?from=${runId(6)}`, shows: text(/Filled from an earlier run/),
    answers: { [FORM]: { body: REVIEW_FORM }, [`/api/runs/${runId(6)}`]: { body: run(6, 'succeeded', { inputs: { accounts: 'u-1', days: 30, colour: 'red' } }) } } },
  { name: 'automation-from-lost', at: `/t/acme/automations/access-review?from=${runId(6)}`, shows: text(/The earlier run could not be read/),
    answers: { [FORM]: { body: REVIEW_FORM }, [`/api/runs/${runId(6)}`]: GONE } },
  { name: 'automation-gone', answers: { [FORM]: GONE }, shows: text(/could not be shown/) },
  { name: 'automation-loading', answers: { [FORM]: 'silent' }, shows: text('Loading the automation…') },
].map((state) => ({ page: 'automation', at: '/t/acme/automations/access-review', who: 'eda', ...state }));

const LIST = { '/api/automations': CATALOG };
/** The page asks for more where it got fewer runs than fit. */
const isOlder = (route) => new URL(route.request().url()).searchParams.has('cursor', 'older');
const ROWS = (page) => page.getByRole('table', { name: 'Runs' });
const RUNS_PAGE = [
  { name: 'runs', answers: { ...LIST, '/api/runs': (route) => give(route, isOlder(route) ? listed([], 'older') : EVERY_RUN) }, shows: ROWS },
  { name: 'runs-filtered', at: '/t/acme/runs?state=failed&automation=access-review&by=me', answers: { ...LIST, '/api/runs': listed([RUNS.failed]) }, shows: ROWS },
  { name: 'runs-none-fit', at: '/t/acme/runs?state=failed&by=me', answers: { ...LIST, '/api/runs': NO_RUNS }, shows: text(/There are no runs in the state/) },
  { name: 'runs-older', at: '/t/acme/runs?cursor=older', answers: { ...LIST, '/api/runs': NO_RUNS }, shows: text('There are no older runs.') },
  { name: 'runs-empty', answers: { ...LIST, '/api/runs': NO_RUNS }, shows: text(/No runs yet/) },
  { name: 'runs-loading', answers: { ...LIST, '/api/runs': 'silent' }, shows: text('Loading the runs…') },
  { name: 'runs-away', answers: { ...LIST, '/api/runs': AWAY }, shows: text(/could not be listed/) },
].map((state) => ({ page: 'runs', at: '/t/acme/runs', who: 'vic', ...state }));

const at = (it) => `/t/acme/runs/${it.id}`;
const shown = (state) => (page) => page.locator(`main[data-state="run-${state}"]`);
/** The page of this run. */
const of = (it, more = {}, all = []) => ({ at: at(it), answers: answersOf(it, all), shows: shown(it.state), ...more });
const table = (page) => page.getByRole('region', { name: 'Result table' });
const many = run(12, 'succeeded', { ended_at: RUNS.succeeded.ended_at, seq: 40 });
const CUT = events(...manyLines(1_230), { kind: 'log_cut' }, { kind: 'state', state: 'succeeded', attempt: 1 });
const hostile = run(11, 'succeeded', { ended_at: RUNS.succeeded.ended_at, result: HOSTILE, result_rows: 4, message: '<b>bold</b>' });

const RUN = [
  ...Object.entries(RUNS).filter(([state]) => !['running', 'succeeded', 'uncertain'].includes(state)).map(([state, it]) => ({ name: `run-${state}`, ...of(it) })),
  { name: 'run-running', ...of(RUNS.running, { shows: text(/credential cloud removed/) }, LOG) },
  { name: 'run-succeeded', ...of(RUNS.succeeded, { shows: table, who: 'ada' }, [...LOG, ...events({ kind: 'state', state: 'succeeded', attempt: 1 }).map((event) => ({ ...event, seq: 9 }))]) },
  { name: 'run-uncertain', ...of(RUNS.uncertain, { who: 'ada' }) },
  { name: 'run-uncertain-not-mine', ...of(run(5, 'uncertain', { steps: RUNS.uncertain.steps, can: { ...RUNS.uncertain.can, record_outcome: NOT_MINE } })) },
  { name: 'run-uncertain-old', ...of(run(5, 'uncertain', { steps: RUNS.uncertain.steps, can: { ...RUNS.uncertain.can, record_outcome: TOO_OLD } }), { who: 'ada', shows: text(/your sign-in is not recent enough/) }) },
  { name: 'run-uncertain-wrong', ...of(RUNS.uncertain, { who: 'ada', then: ({ page }) => button(page, 'Record outcome').click(), shows: text('Choose what happened.') }) },
  { name: 'run-cancelling', ...of(run(13, 'running', { cancel_requested: true, can: RUNS.running.can })) },
  {
    name: 'run-not-cancelled', ...of(RUNS.queued, { shows: (page) => page.getByRole('alert'), then: ({ page }) => button(page, 'Cancel run').click() }),
    answers: { ...answersOf(RUNS.queued), [`/api/runs/${RUNS.queued.id}/cancel`]: OFTEN },
  },
  { name: 'run-table-hostile', ...of(hostile, { shows: table }) },
  { name: 'run-table-empty', ...of(run(14, 'succeeded', { ended_at: RUNS.succeeded.ended_at, result: { rows: [] }, result_rows: 0 }), { shows: text(/The table is empty/) }) },
  { name: 'run-log-long', ...of(many, { shows: (page) => button(page, 'Show 500 earlier lines') }, CUT) },
  { name: 'run-gone', ...of(RUNS.queued, { shows: text(/The run could not be shown/) }), answers: { [`/api/runs/${RUNS.queued.id}`]: GONE } },
  { name: 'run-loading', ...of(RUNS.queued, { shows: text('Loading the run…') }), answers: { [`/api/runs/${RUNS.queued.id}`]: 'silent' } },
  { name: 'run-not-followed', ...of(RUNS.queued, { shows: text('Not connected, trying again') }), answers: { ...answersOf(RUNS.queued), [`/api/runs/${RUNS.queued.id}/events`]: OFTEN } },
].map((state) => ({ page: 'run', who: 'eda', ...state }));

const whole = (content) => ({ [`/api/runs/${runId(6)}/log`]: (route) => give(route, typeof content === 'string' ? () => route.fulfill({ contentType: 'text/plain', body: content }) : content) });
const TEXT = Array.from({ length: 60 }, (_, line) => `2026-11-22T12:04:07Z script  line ${line + 1}`).join('\n');
const RUN_LOG = [
  { name: 'run-whole-log', at: `${at(RUNS.succeeded)}/log`, answers: whole(TEXT), shows: text('60 lines') },
  { name: 'run-whole-log-line', at: `${at(RUNS.succeeded)}/log?line=40`, answers: whole(TEXT), shows: (page) => page.locator('mark') },
  { name: 'run-whole-log-empty', at: `${at(RUNS.succeeded)}/log`, answers: whole(''), shows: text('Nothing was written.') },
  { name: 'run-whole-log-away', at: `${at(RUNS.succeeded)}/log`, answers: whole(AWAY), shows: text(/The log could not be shown/) },
].map((state) => ({ page: 'run-log', who: 'vic', ...state }));

const AUDIT = [
  { name: 'audit', answers: { '/api/audit': RECORDS }, shows: (page) => page.getByRole('table', { name: 'Records' }) },
  { name: 'audit-open', answers: { '/api/audit': RECORDS }, then: ({ page }) => page.getByText('All fields').nth(1).click(), shows: (page) => page.locator('details[open]') },
  { name: 'audit-empty', at: '/t/acme/audit?from=1000000000&to=1000003600', answers: { '/api/audit': { body: { records: [], next: null } } }, shows: text(/Nothing was recorded/) },
  { name: 'audit-away', answers: { '/api/audit': AWAY }, shows: text(/could not be listed/) },
].map((state) => ({ page: 'audit', at: '/t/acme/audit', who: 'aud', ...state }));

const ENDS = [{ name: 'forbidden', page: 'forbidden', at: '/t/acme/audit', who: 'eda', shows: title('You may not see this') }];

export const ROOMS = [...HOME, ...AUTOMATIONS, ...AUTOMATION, ...RUNS_PAGE, ...RUN, ...RUN_LOG, ...AUDIT, ...ENDS];
