// What the states of runs and steps, their effects and their failures are called. docs/reference/states.md says the same.

import { clock } from './time.js';

/** @typedef {import('../gatelet-runs.js').Run} Run */
/** @typedef {'neutral' | 'info' | 'ok' | 'bad' | 'unsure'} Kind */
/** @typedef {'hourglass' | 'arc' | 'diamond' | 'check' | 'cross' | 'slash' | 'ring'} Shape */
/** @typedef {[word: string, kind: Kind, shape: Shape]} State */

/** The states of a run. @type {Record<Run['state'], State>} */
export const STATES = {
  queued: ['Queued', 'neutral', 'hourglass'],
  leased: ['Starting', 'info', 'arc'],
  running: ['Running', 'info', 'arc'],
  recovering: ['Recovering', 'info', 'arc'],
  uncertain: ['Outcome unknown', 'unsure', 'diamond'],
  succeeded: ['Succeeded', 'ok', 'check'],
  failed: ['Failed', 'bad', 'cross'],
  cancelled: ['Cancelled', 'neutral', 'slash'],
  timed_out: ['Timed out', 'bad', 'cross'],
  poisoned: ['Gave up', 'bad', 'cross'],
};

/** The states of a step. @type {Record<string, State>} */
export const STEP_STATES = {
  begun: ['Under way', 'info', 'arc'],
  done: ['Done', 'ok', 'check'],
  undone: ['Had no effect', 'neutral', 'slash'],
  unknown: ['Outcome unknown', 'unsure', 'diamond'],
  recorded: ['Recorded by a person', 'neutral', 'ring'],
};

/** What may be done with a step after a crash in its middle. @type {Record<string, string>} */
export const CLASSES = {
  R: 'Reads only',
  A: 'Safe to repeat',
  B: 'Safe to repeat, checked by version',
  C: 'Looked up before repeating',
  D: 'Never repeated by itself',
};

/** What an automation does to the world outside. @type {Record<string, string>} */
export const EFFECTS = {
  reads: 'Reads only',
  steps: 'Changes things, step by step',
  unsafe: 'Changes things, never repeated by itself',
};

/** What becomes of a run while as many go on as may. @type {Record<string, string>} */
export const BUSY = {
  queue: 'yours will wait',
  reject: 'yours will be refused',
  coalesce: 'yours will join it',
};

/** How well a script is kept apart, by level. */
export const LEVELS = ['no isolation', 'a process of its own', 'apart from the gateway’s memory', 'kernel sandbox', 'a virtual machine of its own'];

/** Why a run came to nothing, and what can be done. @type {Record<string, [why: string, next: string]>} */
export const FAILURES = {
  unknown_automation: ['The catalog has no automation of this name any more.', 'Whoever looks after the catalog can bring it back.'],
  automation_changed: ['The automation was changed after the run was asked for, and another one was not put in its place.', 'Run it again to use the new version.'],
  sandbox_unavailable: ['This host cannot keep the script apart as well as the automation asks for. The script was not started.', 'Whoever runs this gateway can move it to a host that can.'],
  connection_missing: ['A connection that the automation needs is not there. The script was not started.', 'An administrator can add it.'],
  credential_unavailable: ['The credential for a connection could not be had. The script was not started.', 'An administrator can look after the connection. Trying again is safe.'],
  timed_out: ['The script took longer than it may, and was ended.', 'See in the steps how far it came.'],
  script_failed: ['The script ended with an error.', 'The log says where.'],
  script_lost: ['The worker or the script was lost each time.', 'See in the steps how far it came.'],
  bad_result: ['What the script answered is not of the form that the automation declares.', 'Its author can mend that.'],
  outcome_unknown: ['Somebody recorded that it cannot be known whether a step took effect.', 'The steps say which one.'],
  too_much_output: ['The script left more than a run may keep.', 'Its author can make it leave less.'],
};

/** States after which nothing follows. */
export const OVER = ['succeeded', 'failed', 'cancelled', 'timed_out', 'poisoned'];

/** @param {Pick<Run, 'state'>} run */
export const isOver = ({ state }) => OVER.includes(state);

/** A state in words. One that this page does not know is shown as it came. @param {string} state @returns {State} */
export const named = (state, list = /** @type {Record<string, State>} */ (STATES)) => (
  Object.hasOwn(list, state) ? list[state] : [state, 'neutral', 'ring']
);

/** Where a run stands, with what belongs to it. @param {Run} run @returns {State} */
export function stateOf(run) {
  const [word, kind, shape] = named(run.state);
  if (run.cancel_requested && !isOver(run) && run.state !== 'uncertain') return ['Cancelling', 'info', 'arc'];
  if (run.state === 'recovering' && run.continues_at) return [`${word}, continues ${clock(run.continues_at)}`, kind, shape];
  if (run.state === 'poisoned') return [`${word} after ${run.attempt} ${run.attempt === 1 ? 'try' : 'tries'}`, kind, shape];
  return [word, kind, shape];
}

/** Why a run came to nothing. @param {string} code @returns {[why: string, next: string]} */
export function failure(code) {
  if (Object.hasOwn(FAILURES, code)) return FAILURES[code];
  const own = code.startsWith('script:');
  return [own ? 'The script could not do what was asked.' : 'The gateway gave a reason that this page does not know.', own ? 'The log may say more.' : ''];
}

/** Why somebody may not, and who may. @param {import('../gatelet.js').Can | undefined} can */
export function whyNot(can) {
  if (can?.allowed) return null;
  const who = (/** @type {string} */ kind) => (can?.who ?? []).map(String).filter((one) => one.startsWith(kind)).map((one) => one.slice(kind.length));
  const [roles, rights] = [who('role:'), who('scope:')];
  const reason = String(can?.reason || 'You may not do this').replace(/\.$/, '');
  return [`${reason}.`, roles.length > 0 && `Roles that may: ${roles.join(', ')}.`, rights.length > 0 && `It needs the right ${rights.join(', ')}.`].filter(Boolean).join(' ');
}
