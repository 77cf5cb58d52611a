// Gatelet in the browser. See docs/reference/browser-client.md

const CODES = {
  sign_in_required: 'signed_out', step_up_required: 'step_up_needed', other_region: 'other_region', 400: 'not_valid',
  403: 'forbidden', 404: 'gone', 409: 'conflict', 410: 'gone', 412: 'conflict', 413: 'not_valid', 422: 'not_valid',
  429: 'rate_limited', 502: 'unavailable', 503: 'unavailable', 504: 'unavailable',
};
const patience = (answer) => parseInt(answer.headers.get('retry-after'));
const json = (answer) => answer.clone().json().catch(() => null);
const query = (pairs) => new URLSearchParams(Object.entries(pairs).filter(([, value]) => value != null));
const camel = (pairs) => Object.fromEntries(Object.entries(pairs).map(
  ([name, value]) => [name.replace(/_./g, (two) => two[1].toUpperCase()), value],
));
const claimsOf = (token) => JSON.parse(new TextDecoder().decode(Uint8Array.from(
  atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), (byte) => byte.charCodeAt(),
)));

export class GateletError extends Error {
  name = 'GateletError';
  errors = [];

  constructor(code, facts) {
    super(facts?.title ?? code);
    Object.assign(this, facts, { code });
  }

  static async from(answer, now = Date.now() / 1000) {
    const { status } = answer;
    const body = await json(answer) ?? {};
    const { type: docs, code: problem } = body;
    return new GateletError(CODES[problem] ?? CODES[status] ?? 'unexpected', {
      ...camel(body), status, docs, problem, retryAt: now + patience(answer) || null,
    });
  }
}

export function createGatelet({ base = '/auth', mode = 'token', apis, tenant: home, early = 60 } = {}) {
  const here = location.origin;
  const slots = new Map();
  const listeners = {};
  const channel = new BroadcastChannel('gatelet');
  const closing = new AbortController();
  let clock = [Date.now() / 1000, performance.now(), Date.now()];
  let known; // null: signed out
  let asked;
  let ends = 0;
  let link = { ok: true };
  let told = 0;

  // One of the two stands still while the computer sleeps.
  const now = () => clock[0] + Math.max(performance.now() - clock[1], Date.now() - clock[2]) / 1000;
  const emit = (event, value) => listeners[event]?.forEach((listener) => queueMicrotask(() => listener(value)));
  const say = (type, facts) => channel.postMessage({ type, ...facts });
  const tell = ({ key, value, expiresAt }) => say('token', { key, value, expiresAt });
  const forget = (slot) => Object.assign(slot, { value: null, expiresAt: 0, due: Infinity });
  const drop = () => slots.forEach(forget);
  const fits = (slot) => slot.expiresAt - now() > 10;
  const end = () => Math.min(known.endsAt, known.idleEndsAt);
  const refuse = (title) => { throw new GateletError('not_valid', { title }); };
  const segment = (text) => (/^[\w-]+$/.test(text) ? text : refuse('Not a name'));

  for (const [origin, { audience, scope }] of Object.entries({ [here]: {}, ...apis })) {
    if (new URL(origin).origin !== origin) refuse('Not an origin');
    const wish = { resource: audience ?? (origin === here ? null : origin), scope };
    if (mode === 'token') slots.set(origin, forget({ origin, wish, key: origin + query(wish), asking: -1e4 }));
  }

  function reach(ok, wait) {
    if (ok && link.ok) return;
    const since = ok === link.ok ? link.since : now();
    const pause = wait || Math.min(30, now() - since + 1) * (1 + Math.random());
    link = { ok, since, retryAt: ok ? null : now() + pause };
    emit('connection', link);
  }

  async function send(input, init, round = 0, refused) {
    const request = new Request(input instanceof Request ? input.clone() : input, init);
    const { headers, signal, redirect } = request;
    const { origin, pathname } = new URL(request.url);
    const own = origin === here;
    const api = slots.has(origin) && (!own || /^\/api(\/|$)/.test(pathname));
    if (!own && !api) return fetch(request);
    const held = api && await token(origin, refused);
    if (own) headers.set('x-gatelet-csrf', 1);
    if (held) headers.set('authorization', `Bearer ${held}`);
    // What we add follows redirects within our own origin only.
    const limits = own ? { mode: 'same-origin' } : { redirect: redirect === 'error' ? redirect : 'manual' };
    const answer = await fetch(request, limits).catch((cause) => {
      if (signal.reason?.name !== 'TimeoutError') signal.throwIfAborted();
      if (own) reach(false);
      throw new GateletError('unavailable', { cause });
    });
    const { status } = answer;
    const again = !(init?.body instanceof ReadableStream);
    if (own) {
      const at = Date.parse(answer.headers.get('date')) / 1000;
      if (at) clock = [at, performance.now(), Date.now()];
      reach(CODES[status] !== 'unavailable', patience(answer));
    }
    const wait = patience(answer) || 1;
    if (status === 503 && again && round < 2 && wait <= 10 && (/GET|HEAD/.test(request.method) || headers.has('idempotency-key'))) {
      await new Promise((wake) => { setTimeout(wake, wait * 1000); signal.onabort = wake; });
      return send(input, init, round + 1, refused);
    }
    if (status !== 401) return answer;
    const facts = await GateletError.from(answer, now());
    const asks = (name) => RegExp(`\\b${name}="([^"]*)`).exec(answer.headers.get('www-authenticate'))?.[1];
    const why = asks('error') ?? facts.problem;
    if (own && facts.code === 'signed_out') {
      over();
      throw facts;
    }
    if (/^insufficient_user|^step_up/.test(why)) {
      const needed = { maxAge: asks('max_age'), acr: asks('acr_values') };
      return new Promise((_, reject) => {
        const cancel = () => reject(new GateletError('step_up_needed', { ...facts, needed }));
        const resume = async (options) => {
          cancel();
          signIn((await session())?.provider, { ...needed, ...options, stepUp: true });
        };
        if (listeners['step-up']?.size) emit('step-up', { needed, resume, cancel });
        else cancel();
      });
    }
    return held && again && !refused && why === 'invalid_token' ? send(input, init, round, held) : answer;
  }

  async function ask(path, form, method = form ? 'POST' : 'GET') {
    const answer = await send(base + path, {
      method, body: form && query(form), cache: 'no-store', signal: AbortSignal.timeout(2e4),
    }, 2);
    const body = answer.ok && (answer.status === 204 || await json(answer));
    if (!body) throw await GateletError.from(answer, now());
    return body;
  }

  function over(reason, quietly) {
    reason ??= !known || now() < end() ? 'revoked' : now() < known.endsAt ? 'idle' : 'absolute';
    const was = known;
    const held = was || [...slots.values()].some((slot) => slot.value);
    known = null;
    ends += 1;
    drop();
    if (was !== null) emit('session', null);
    if (!held) return;
    if (!quietly) say('ended', { reason, id: was?.sessionId });
    emit('ended', { reason });
  }

  function view({ now: _, ...body }) {
    const next = camel(body);
    const isOther = known?.sessionId !== next.sessionId;
    const isNew = JSON.stringify(known) !== JSON.stringify(next);
    if (known && isOther) drop();
    if (known && known.subject + known.tenant !== next.subject + next.tenant) over('other-tab', true);
    known = next;
    if (isOther) say('session', { id: next.sessionId });
    if (isNew) emit('session', next);
    return next;
  }

  async function session({ fresh } = {}) {
    if (!fresh && known && now() < end()) return known;
    const began = ends;
    return asked ??= ask('/session').finally(() => { asked = null; }).then(
      (body) => (began === ends ? view(body) : check()),
      (error) => { if (error.code !== 'signed_out') throw error; return null; },
    );
  }
  const check = () => session({ fresh: true });
  const glance = () => check().catch(() => {});
  const extend = async () => view(await ask('/session/extend', {}));

  function adopt(slot, value, expiresAt, from) {
    const left = expiresAt - now();
    const lead = early * (document.hidden ? 0.4 : 1) * (1 + Math.random() / 2);
    Object.assign(slot, { value, expiresAt, due: now() + Math.max(left - lead, left / 2, 5) });
    slot.wake?.();
    emit('token', { audience: slot.origin, expiresAt, from });
  }

  const isOthers = (value) => known?.sessionId && claimsOf(value).sid !== known.sessionId;
  const arrival = (slot, ms) => new Promise((wake) => { slot.wake = wake; setTimeout(wake, ms); });

  async function renew(slot) {
    const { key, wish, value: before } = slot;
    const came = () => slot.value && slot.value !== before;
    if (!slot.hello) {
      slot.hello = true;
      say('hello', { key });
      await arrival(slot, 150);
    }
    if (!came()) await arrival(slot, slot.asking + 1500 - performance.now());
    if (came()) return slot.value;
    say('asking', { key });
    const began = ends;
    const { access_token: value, expires_in: life } = await ask('/token', wish);
    if (isOthers(value)) await check();
    if (began !== ends) throw new GateletError('signed_out');
    adopt(slot, value, now() + life, 'server');
    tell(slot);
    return value;
  }
  const refresh = (slot) => slot.busy ??= renew(slot).finally(() => { slot.busy = null; });

  async function token(origin = here, refused) {
    const slot = slots.get(origin);
    if (!slot) throw new GateletError('not_listed');
    if (slot.value === refused) forget(slot);
    return fits(slot) ? slot.value : refresh(slot);
  }

  const stage = () => known && [
    [known.endsAt, 600], [known.endsAt, 120], [end(), 120, end() < known.endsAt && extend],
  ].findLast(([at, lead]) => at - lead <= now() && at - lead > told);

  const ticking = setInterval(async () => {
    for (const slot of slots.values()) if (slot.due <= now()) {
      slot.due = Infinity;
      refresh(slot).catch(() => {});
    }
    // Another tab may have extended it.
    if (known && (stage() || end() < now()) && !(link.retryAt > now()) || !link.ok && link.retryAt < now() && !document.hidden) await glance();
    const [at, , more] = link.ok && stage() || [];
    if (!at) return;
    told = now();
    emit('expiring', { at, kind: more ? 'idle' : 'absolute', extend: more || null });
  }, 1000);

  function signIn(provider, { returnTo = location.pathname + location.search, tenant = home, maxAge, acr, stepUp, loginHint } = {}) {
    if (returnTo[0] !== '/' || new URL(returnTo, here).origin !== here) refuse('Not a local path');
    const asks = query({ target: returnTo, tenant, max_age: maxAge, acr, step_up: stepUp ? 1 : null, login_hint: loginHint });
    location.assign(`${base}/login${provider ? `/${segment(provider)}` : ''}?${asks}`);
  }

  channel.onmessage = ({ data: { type, key, value, expiresAt, reason, id } }) => {
    const slot = [...slots.values()].find((one) => one.key === key);
    const isOther = id !== known?.sessionId;
    if (type === 'session' && known !== undefined && isOther) glance();
    if (type === 'ended' && !(id && known && isOther)) over(reason === 'here' ? 'other-tab' : reason, true);
    if (!slot) return;
    if (type === 'asking') slot.asking = performance.now();
    if (type === 'hello' && fits(slot)) tell(slot);
    if (type === 'token') isOthers(value) ? glance() : expiresAt > slot.expiresAt && adopt(slot, value, expiresAt, 'tab');
  };

  const wake = () => { if (known && !document.hidden) glance(); };
  for (const event of ['visibilitychange', 'online', 'pageshow']) addEventListener(event, wake, closing);
  addEventListener('pagehide', drop, closing);

  return {
    session, signIn, extend, now,
    fetch: (input, init) => send(input, init),
    token: (origin, { fresh } = {}) => token(origin, fresh && slots.get(origin ?? here)?.value),
    claims: async (origin) => claimsOf(await token(origin)),
    signOut: async ({ everywhere } = {}) => { await ask('/logout', { everywhere }); over('here'); },
    providers: () => ask('/providers'),
    sessions: async () => (await ask('/sessions')).sessions.map(camel),
    endSession: async (id) => { await ask(`/sessions/${segment(id)}`, null, 'DELETE'); },
    tenants: async (slot) => (await ask(`/choose?slot=${slot}`)).tenants,
    chooseTenant: async (slot, tenant) => (await ask('/choose', { slot, tenant })).location,
    on(event, listener) {
      (listeners[event] ??= new Set()).add(listener);
      return () => listeners[event].delete(listener);
    },
    close() {
      closing.abort();
      clearInterval(ticking);
      channel.close();
      drop();
    },
  };
}
