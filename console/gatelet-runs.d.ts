// The types of gatelet-runs.js. What each member means stands in docs/reference/browser-client.md.

import type { Can, Gatelet, Seconds } from './gatelet.js';

export type RunState =
  | 'queued' | 'leased' | 'running' | 'recovering' | 'uncertain'
  | 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'poisoned';

/** What may be done after a crash in the middle of a step. */
export type EffectClass = 'R' | 'A' | 'B' | 'C' | 'D';

export interface Step {
  key: string;
  title: string;
  class: EffectClass;
  quiet: boolean;
  state: 'begun' | 'done' | 'undone' | 'unknown' | 'recorded';
  begun_at: Seconds;
  done_at: Seconds | null;
  evidence: Record<string, unknown> | null;
}

export interface Artifact {
  name: string;
  media_type: string;
  bytes: number;
  sha256: string;
}

export interface Progress {
  done: number;
  of?: number | null;
  text?: string;
}

/** A run as the API tells it. In lists, what is optional here is absent. */
export interface Run {
  id: string;
  automation: { name: string; title: string; version: string | null; digest: string };
  state: RunState;
  code: string | null;
  message: string | null;
  requested_at: Seconds;
  started_at: Seconds | null;
  ended_at: Seconds | null;
  by: { subject: string; name: string | null; schedule: string | null };
  attempt: number;
  max_attempts: number;
  inputs?: Record<string, unknown>;
  connections?: Record<string, string>;
  steps?: Step[];
  progress?: Progress | null;
  /** Of a table the first thousand rows. */
  result?: unknown;
  /** How many rows the whole table has. */
  result_rows?: number | null;
  artifacts?: Artifact[];
  sandbox?: { level: number; network: string; probes: { name: string; holds: boolean; detail: string }[] } | null;
  credential_ends_at?: Seconds | null;
  continues_at?: Seconds | null;
  cancel_requested: boolean;
  trace_id?: string | null;
  seq: number;
  audit?: { entries: number; head: string };
  can: { cancel: Can; record_outcome: Can; run_again: Can };
}

interface Told {
  seq: number;
  /** Milliseconds since 1970. */
  at_ms: number;
}

export type RunEvent = Told & (
  | { kind: 'state'; state: RunState; code?: string; attempt: number; continues_at_ms?: number }
  | { kind: 'step'; key: string; title: string; class: EffectClass; quiet: boolean; state: Step['state']; evidence?: Record<string, unknown>; repeated?: boolean }
  | ({ kind: 'progress' } & Progress)
  | { kind: 'log'; source: 'script' | 'gateway'; lines: string[] }
  | { kind: 'log_cut' }
  | ({ kind: 'artifact' } & Artifact)
  | { kind: 'result'; bytes: number }
  | { kind: 'note'; text?: string }
);

/** How the events come: over a stream, by asking, or not at the moment. */
export type Way = { way: 'stream' } | { way: 'poll'; every: number } | { way: 'lost'; wait: number };

export interface Runs {
  /** Starts a run. The same `key` with the same inputs gives the same run, however often it is sent. */
  run(name: string, what?: { inputs?: object; connections?: Record<string, string> }, options?: { key?: string; signal?: AbortSignal }): Promise<Run>;
  /** The events of a run, from the one after `after` to its last. */
  events(id: string, options?: { after?: number; signal?: AbortSignal; told?: (way: Way) => void }): AsyncGenerator<RunEvent, void, void>;
}

export declare function createRuns(gatelet: Gatelet, options?: { base?: string }): Runs;
