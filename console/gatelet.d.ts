// The types of gatelet.js. What each member means stands in docs/reference/browser-client.md.

/** Seconds since 1970 by the server's clock. */
export type Seconds = number;

export interface Session {
  /** The person's public id. */
  subject: string;
  /** The session's public id, the `sid` of its tokens. */
  sessionId: string;
  name: string | null;
  tenant: string;
  tenantTitle: string;
  role: string;
  provider: string;
  region: string | null;
  /** The scopes of the gateway's own API. */
  scopes: string[];
  begunAt: Seconds;
  /** When it ends in any case. */
  endsAt: Seconds;
  /** When it ends unless it is extended. */
  idleEndsAt: Seconds;
  /** When the person last proved who they are, where the provider says so. */
  authTime: Seconds | null;
  can: Record<string, Can>;
}

export interface Can {
  allowed: boolean;
  code?: string;
  reason?: string;
  who?: string[];
}

export type ErrorCode =
  | 'signed_out' | 'step_up_needed' | 'forbidden' | 'not_valid' | 'conflict' | 'gone' | 'rate_limited'
  | 'other_region' | 'unavailable' | 'not_listed' | 'unexpected';

export type EndReason = 'here' | 'other-tab' | 'idle' | 'absolute' | 'revoked' | 'provider';

export interface Needed {
  /** The greatest age of a sign-in that would do, in seconds. */
  maxAge?: number;
  /** The classes of sign-in that would do, separated by spaces. */
  acr?: string;
}

export declare class GateletError extends Error {
  constructor(code: ErrorCode, facts?: Partial<GateletError>);
  /** Reads what an answer that is not `ok` says. The answer's body stays readable. */
  static from(response: Response, now?: Seconds): Promise<GateletError>;
  readonly name: 'GateletError';
  readonly code: ErrorCode;
  readonly status?: number;
  readonly title?: string;
  readonly detail?: string;
  readonly errors: { pointer: string; code: string; message: string }[];
  readonly traceId?: string;
  readonly retryAt?: Seconds | null;
  /** What the problem document says as its `type`. */
  readonly docs?: string;
  /** The gateway's own code, of docs/reference/errors.md. */
  readonly problem?: string;
  /** With `other_region`: the base address of the region that has it. */
  readonly baseUrl?: string;
  /** With `step_up_needed`: what the call asks for. */
  readonly needed?: Needed;
  readonly cause?: unknown;
}

export interface SignInOptions extends Needed {
  /** A path of this origin with its query. Here, where it is absent. */
  returnTo?: string;
  tenant?: string;
  /** The session goes on until the same person has signed in. */
  stepUp?: boolean;
  loginHint?: string;
}

export interface Events {
  /** Another session, other facts of it, or null. */
  session: Session | null;
  ended: { reason: EndReason };
  expiring: { at: Seconds; kind: 'idle' | 'absolute'; extend: (() => Promise<Session>) | null };
  'step-up': { needed: Needed; resume: (options?: SignInOptions) => Promise<void>; cancel: () => void };
  connection: { ok: boolean; since: Seconds; retryAt: Seconds | null };
  token: { audience: string; expiresAt: Seconds; from: 'server' | 'tab' };
}

export interface Options {
  /** Where the gateway answers: a path of this origin. */
  base?: string;
  /** `token`: a short-lived token in the page's memory. `cookie`: none. */
  mode?: 'token' | 'cookie';
  /** The origins that may be sent a token. */
  apis?: Record<string, { scope?: string; audience?: string | null }>;
  /** The tenant that `signIn` asks for. */
  tenant?: string;
  /** How many seconds before its end a token is renewed. */
  early?: number;
}

export interface Gatelet {
  session(options?: { fresh?: boolean }): Promise<Session | null>;
  signIn(provider?: string, options?: SignInOptions): void;
  signOut(options?: { everywhere?: boolean }): Promise<void>;
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** `fresh`: a new one, even if the one at hand still holds. */
  token(origin?: string, options?: { fresh?: boolean }): Promise<string>;
  /** For display, never for decisions. */
  claims(origin?: string): Promise<Record<string, unknown>>;
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void;
  extend(): Promise<Session>;
  now(): Seconds;
  close(): void;
}

export declare function createGatelet(options?: Options): Gatelet;
