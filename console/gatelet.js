// The browser's side of Gatelet: who is signed in, tokens for APIs, and requests that carry them. No dependency, no
// build. Types are in gatelet.d.ts, the words in docs/reference/browser-client.md. The token is kept in memory only.

const CODES = {
  400: 'not_valid', 403: 'forbidden', 404: 'gone', 409: 'conflict', 410: 'gone', 412: 'conflict', 413: 'not_valid',
  415: 'not_valid', 422: 'not_valid', 429: 'rate_limited', 502: 'unavailable', 503: 'unavailable', 504: 'unavailable',
};
const UNAUTHORIZED = { sign_in_required: 'signed_out', step_up_required: 'step_up_needed' };
const CSRF = 'x-gatelet-csrf';
const quiet = () => {};
const camel = (from) => Object.fromEntries(
  Object.entries(from).map(([name, value]) => [name.replace(/_./g, (found) => found[1].toUpperCase()), value]),
);
/** `Retry-After` in seconds, whichever of its two forms it has. */
const patience = (response) => {
  const text = response.headers.get('retry-after');
  return text && Math.max(0, /^\d+$/.test(text) ? +text : (Date.parse(text) - Date.now()) / 1000);
};

export class GateletError extends Error {
  constructor(code, facts) {
    super(facts?.title ?? code);
    Object.assign(this, { errors: [] }, facts, { name: 'GateletError', code });
  }

  /** Reads what an answer that is not `ok` says. */
  static async from(response, now = Date.now() / 1000) {
    const { status } = response;
    const said = await response.clone().json().catch(quiet) ?? {};
    const wait = patience(response);
    const code = status === 401 ? UNAUTHORIZED[said.code] : status === 421 && said.base_url ? 'other_region' : CODES[status];
    return new GateletError(code ?? 'unexpected', {
      status, title: said.title ?? said.error, detail: said.detail ?? said.error_description, errors: said.errors ?? [],
      traceId: said.trace_id, retryAt: wait === null ? undefined : now + wait, docs: said.type,
      problem: said.code ?? said.error, baseUrl: said.base_url,
    });
  }
}

const refuse = (title) => { throw new GateletError('not_valid', { title }); };
/** One segment of a path, which dots or slashes would turn into another path. */
const segment = (text) => (/^[\w-]+$/.test(text) ? text : refuse(`Not a name: ${text}`));
const claimsOf = (token) => {
  const middle = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(middle), (letter) => letter.charCodeAt(0))));
};

export function createGatelet({ base = '/auth', mode = 'token', apis = {}, tenant, early = 60 } = {}) {
  const here = location.origin;
  if (new URL(base, here).origin !== here) refuse('The gateway must have the origin of the page');
  const slots = new Map();
  for (const [origin, { audience, scope } = {}] of Object.entries({ [here]: {}, ...apis })) {
    if (new URL(origin).origin !== origin) refuse(`Not an origin: ${origin}`);
    const resource = audience ?? (origin === here ? undefined : origin);
    if (mode === 'token') slots.set(origin, { origin, wish: { resource, scope }, key: [origin, audience, scope].join(' ') });
  }
  const listeners = {};
  const channel = new BroadcastChannel('gatelet');
  const closing = new AbortController();
  let clock = { at: Date.now() / 1000, perf: performance.now(), wall: Date.now() };
  let known; // undefined: never asked; null: signed out
  let seen = 0;
  let asked;
  let epoch = 0; // counts the ends, so that an answer from before one is not taken for news
  let down;
  let timer;
  const told = new Set();

  /** The server's time in seconds. It goes on while the computer sleeps, where one of the two clocks stands still. */
  const now = () => clock.at + Math.max(performance.now() - clock.perf, Date.now() - clock.wall) / 1000;
  const learn = (at) => { if (at) clock = { at, perf: performance.now(), wall: Date.now() }; };
  const say = (message) => channel.postMessage(message);

  function emit(event, value) {
    const all = [...listeners[event] ?? []];
    for (const one of all) try { one(value); } catch (error) { reportError(error); }
    return all.length > 0;
  }

  function reach(ok, wait) {
    if (ok && !down) return;
    const { since = now(), tries = 0 } = down ?? {};
    const pause = wait ?? Math.min(30, 2 ** tries) * (1 + Math.random()) / 2;
    down = ok ? undefined : { since, tries: tries + 1, retryAt: now() + pause };
    emit('connection', { ok, since: ok ? now() : since, retryAt: ok ? null : down.retryAt });
    plan();
  }

  function heard(response) {
    learn(Date.parse(response.headers.get('date')) / 1000);
    const away = CODES[response.status] === 'unavailable';
    reach(!away, away ? patience(response) : null);
  }

  /** Asks the gateway as its own page. */
  async function ask(path, form, method = form ? 'POST' : 'GET') {
    let response;
    let body;
    try {
      response = await fetch(base + path, {
        method, headers: { [CSRF]: '1' }, body: form && query(form), cache: 'no-store', mode: 'same-origin', redirect: 'error',
        signal: AbortSignal.timeout(20_000),
      });
      if (response.ok) body = response.status === 204 ? {} : await response.json();
    } catch (cause) {
      reach(false);
      throw new GateletError('unavailable', { cause });
    }
    heard(response);
    if (response.ok) return body;
    const error = await GateletError.from(response, now());
    if (error.code === 'signed_out') over();
    throw error;
  }

  const query = (pairs) => new URLSearchParams(Object.entries(pairs).filter(([, value]) => value !== undefined));
  const end = () => Math.min(known.endsAt, known.idleEndsAt);
  const why = () => (!known || now() < end() ? 'revoked' : now() < known.endsAt ? 'idle' : 'absolute');

  const drop = () => { for (const slot of slots.values()) slot.value = undefined; };

  /** Nobody is signed in any more. */
  function over(reason = why(), tell = true) {
    const was = known;
    const held = [...slots.values()].some((slot) => slot.value);
    known = null;
    epoch += 1;
    drop();
    if (tell && (was || held)) say({ type: 'ended', reason, sessionId: was?.sessionId });
    if (was !== null) emit('session', null);
    if (was || held) emit('ended', { reason });
    plan();
  }

  function view(body) {
    const { now: at, ...next } = camel(body);
    learn(at);
    const isOther = known?.sessionId !== next.sessionId;
    if (known && isOther) drop();
    if (known && (known.subject !== next.subject || known.tenant !== next.tenant)) over('other-tab', false);
    const isNew = JSON.stringify(known) !== JSON.stringify(next);
    [known, seen] = [next, now()];
    if (isOther) say({ type: 'session', sessionId: next.sessionId });
    if (isNew) emit('session', known);
    plan();
    return known;
  }

  function session({ fresh = false } = {}) {
    if (!fresh && known && now() < Math.min(seen + 30, end())) return Promise.resolve(known);
    const mine = epoch;
    asked ??= ask('/session').finally(() => { asked = undefined; }).then(
      (body) => (mine === epoch ? view(body) : session({ fresh: true })),
      (error) => { if (error.code !== 'signed_out') throw error; return null; },
    );
    return asked;
  }

  const extend = async () => view(await ask('/session/extend', {}));

  function adopt(slot, value, expiresAt, from) {
    const left = expiresAt - now();
    // Early, with jitter, and hidden tabs later: the first renews for all. Never sooner than half of what is left.
    const lead = early * (document.hidden ? 0.4 + Math.random() * 0.2 : 1 + Math.random() * 0.5);
    Object.assign(slot, { value, expiresAt, renewAt: now() + Math.max(left - lead, left / 2, 5) });
    slot.wake?.();
    emit('token', { audience: slot.origin, expiresAt, from });
    plan();
  }

  const isOthers = (value) => known?.sessionId && claimsOf(value).sid !== known.sessionId;
  const arrival = (slot, ms) => new Promise((wake) => { slot.wake = wake; setTimeout(wake, ms); });

  async function renew(slot) {
    const [before, { key }] = [slot.value, slot];
    const came = () => slot.value && slot.value !== before;
    if (!slot.isKnown) {
      slot.isKnown = true;
      say({ type: 'hello', key });
      await arrival(slot, 150);
    }
    const wait = 1500 - (Date.now() - (slot.othersAsk ?? 0));
    if (!came() && wait > 0) await arrival(slot, Math.min(wait, 1500));
    if (came()) return slot.value;
    say({ type: 'asking', key });
    const mine = epoch;
    const { access_token: value, expires_in: life } = await ask('/token', slot.wish);
    // Somebody may have signed in, in another tab, as somebody else.
    if (isOthers(value)) await session({ fresh: true });
    if (mine !== epoch) throw new GateletError('signed_out');
    adopt(slot, value, now() + life, 'server');
    say({ type: 'token', key, value, expiresAt: slot.expiresAt });
    return value;
  }

  const refresh = (slot) => (slot.busy ??= renew(slot).finally(() => { slot.busy = undefined; }));

  async function token(origin = here, refused) {
    const slot = slots.get(origin);
    if (!slot) throw new GateletError('not_listed', { title: `Not one of the apis: ${origin}` });
    if (refused && slot.value === refused) slot.value = undefined;
    return slot.value && slot.expiresAt - now() > 10 ? slot.value : refresh(slot);
  }

  /** What is about to end, if it is time to say so. Each stage is said once. */
  function warning() {
    if (!known) return undefined;
    const { idleEndsAt, endsAt } = known;
    const [kind, at, leads] = idleEndsAt < endsAt ? ['idle', idleEndsAt, [120]] : ['absolute', endsAt, [120, 600]];
    const lead = leads.find((one) => now() >= at - one);
    const id = [kind, at, lead].join();
    return lead && now() < at && !told.has(id) ? { kind, at, id } : undefined;
  }

  function plan() {
    clearTimeout(timer);
    if (closing.signal.aborted) return;
    const due = [...slots.values()].filter((slot) => slot.value).map((slot) => slot.renewAt);
    if (known) due.push(...[end() + 1, end() - 120, known.endsAt - 600].filter((at) => at > now()));
    const next = Math.max(Math.min(now() + 60, ...due), down?.retryAt ?? 0);
    timer = setTimeout(tick, Math.max(1, next - now()) * 1000);
  }

  async function tick() {
    try {
      for (const slot of slots.values()) if (slot.value && now() >= slot.renewAt) await refresh(slot);
      const soon = warning();
      // Another tab may have extended it, so the server is asked first.
      if (soon || (known && now() > end()) || (down && !document.hidden)) await session({ fresh: true });
      const still = warning();
      if (still && still.id === soon?.id) {
        told.add(still.id);
        emit('expiring', { kind: still.kind, at: still.at, extend: still.kind === 'idle' ? extend : null });
      }
    } catch { /* What is away is told as `connection`, and an end as `ended`. */ }
    plan();
  }

  function signIn(provider, { returnTo = location.pathname + location.search, maxAge, acr, stepUp, loginHint, ...rest } = {}) {
    if (!/^\/(?![/\\])/.test(returnTo) || new URL(returnTo, here).origin !== here) refuse('returnTo is not a local path');
    const asked = query({
      target: returnTo, tenant: rest.tenant ?? tenant, max_age: maxAge, acr, step_up: stepUp ? 1 : undefined, login_hint: loginHint,
    });
    location.assign(`${base}/login${provider ? `/${segment(provider)}` : ''}?${asked}`);
  }

  /** Leaves it to the page whether to sign in anew. The call is never repeated by itself. */
  const stepUp = (needed, facts) => new Promise((_, reject) => {
    const cancel = () => reject(Object.assign(new GateletError('step_up_needed', facts), { needed }));
    const resume = async (options) => {
      cancel();
      signIn((known ?? await session())?.provider, { ...needed, ...options, stepUp: true });
    };
    if (!emit('step-up', { needed, resume, cancel })) cancel();
  });

  async function send(input, init) {
    const make = () => new Request(input instanceof Request ? input.clone() : input, init);
    let request = make();
    const { origin, pathname } = new URL(request.url);
    const own = origin === here;
    const bearer = slots.has(origin) && (!own || /^\/api(\/|$)/.test(pathname));
    if (!own && !bearer) return fetch(request);
    const { method, signal } = request;
    const again = !(init?.body instanceof ReadableStream);
    const safe = again && (/^(GET|HEAD)$/.test(method) || request.headers.has('idempotency-key'));
    for (let [tries, refused, held] = [0]; ; request = make()) {
      const headers = new Headers(request.headers);
      if (own) headers.set(CSRF, '1');
      if (bearer) headers.set('authorization', `Bearer ${held = await token(origin, refused)}`);
      signal.throwIfAborted();
      // A redirect is followed within our own origin only: no token and no header travels on.
      const redirect = own || request.redirect === 'error' ? request.redirect : 'manual';
      const answer = await fetch(new Request(request, { headers, redirect, mode: own ? 'same-origin' : request.mode })).catch((cause) => {
        signal.throwIfAborted();
        if (own) reach(false);
        throw new GateletError('unavailable', { cause });
      });
      if (own) heard(answer);
      if (answer.status === 503 && safe && tries < 2) {
        const wait = patience(answer) ?? 2 ** tries;
        if (wait > 10) return answer;
        tries += 1;
        await new Promise((wake) => { setTimeout(wake, wait * 1000); signal.addEventListener('abort', wake); });
        signal.throwIfAborted();
        continue;
      }
      if (answer.status !== 401) return answer;
      const facts = await GateletError.from(answer, now());
      const asks = Object.fromEntries([...(answer.headers.get('www-authenticate') ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
      if (facts.code === 'step_up_needed' || asks.error === 'insufficient_user_authentication') {
        return stepUp({ maxAge: asks.max_age && +asks.max_age, acr: asks.acr_values }, facts);
      }
      if (own && facts.code === 'signed_out') {
        over();
        throw facts;
      }
      if (!bearer || !again || refused || ![asks.error, facts.problem].includes('invalid_token')) return answer;
      refused = held;
    }
  }

  channel.onmessage = ({ data }) => {
    const slot = [...slots.values()].find(({ key }) => key === data.key);
    if (data.type === 'asking' && slot) slot.othersAsk = Date.now();
    if (data.type === 'hello' && slot?.value && slot.expiresAt - now() > 10) {
      say({ type: 'token', key: slot.key, value: slot.value, expiresAt: slot.expiresAt });
    }
    if (data.type === 'token' && slot && !(slot.value && data.expiresAt <= slot.expiresAt)) {
      if (isOthers(data.value)) session({ fresh: true }).catch(quiet);
      else adopt(slot, data.value, data.expiresAt, 'tab');
    }
    if (data.type === 'session' && known !== undefined && known?.sessionId !== data.sessionId) session({ fresh: true }).catch(quiet);
    if (data.type === 'ended' && !(data.sessionId && known?.sessionId && data.sessionId !== known.sessionId)) {
      over(data.reason === 'here' ? 'other-tab' : data.reason, false);
    }
  };

  const wake = () => {
    if (document.hidden) return;
    if (down) down.retryAt = now();
    if (known) session().catch(quiet);
    tick();
  };
  const until = { signal: closing.signal };
  addEventListener('online', wake, until);
  document.addEventListener('visibilitychange', wake, until);
  // A page that the browser keeps in its memory holds no token, and has missed what the other tabs said.
  addEventListener('pagehide', drop, until);
  addEventListener('pageshow', ({ persisted }) => persisted && known && session({ fresh: true }).catch(quiet), until);

  return {
    session, signIn, extend, now, fetch: send,
    token: (audience) => token(audience),
    claims: async (audience) => claimsOf(await token(audience)),
    async signOut({ everywhere = false } = {}) {
      await ask('/logout', everywhere ? { everywhere } : {});
      over('here');
    },
    providers: () => ask('/providers'),
    sessions: async () => (await ask('/sessions')).sessions.map(camel),
    endSession: async (id) => void await ask(`/sessions/${segment(id)}`, undefined, 'DELETE'),
    tenants: async (slot) => (await ask(`/choose?${query({ slot })}`)).tenants,
    chooseTenant: async (slot, chosen) => (await ask('/choose', { slot, tenant: chosen })).location,
    on(event, listener) {
      (listeners[event] ??= new Set()).add(listener);
      return () => listeners[event].delete(listener);
    },
    close() {
      closing.abort();
      clearTimeout(timer);
      channel.close();
      drop();
    },
  };
}
