// See docs/reference/browser-client.md

const CODES = {
  __proto__: null, sign_in_required: 'signed_out', step_up_required: 'step_up_needed', other_region: 'other_region',
  403: 'forbidden', 404: 'gone', 409: 'conflict', 429: 'rate_limited', 500: 'unexpected',
};
const patience = (answer) => parseInt(answer.headers.get('retry-after'));
const json = (answer) => answer.clone().json().catch(() => {});
const query = (pairs) => new URLSearchParams(Object.entries(pairs).filter(([, value]) => value != null).map(
  ([name, value]) => [name.replace(/[A-Z]/g, '_$&').toLowerCase(), value],
));
const camel = (pairs) => Object.fromEntries(Object.entries(pairs).map(
  ([name, value]) => [name.replace(/_./g, (two) => two[1].toUpperCase()), value],
));
const claimsOf = (token) => JSON.parse(decodeURIComponent(escape(
  atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')),
)));

export class GateletError extends Error {
  constructor(code, facts) {
    super(facts?.title ?? code);
    Object.assign(this, { errors: [], ...facts, name: 'GateletError', code });
  }

  static async from(answer, now = Date.now() / 1000) {
    const { status } = answer;
    const { type: docs, code: problem, ...facts } = camel(await json(answer) ?? {});
    const code = CODES[problem] ?? CODES[status] ?? (status < 500 ? 'not_valid' : 'unavailable');
    const retryAt = now + patience(answer) || null;
    return new GateletError(code, { ...facts, status, docs, problem, retryAt });
  }
}

export function createGatelet({ base = '/auth', mode = 'token', apis, tenant, early = 60 } = {}) {
  const here = location.origin;
  const slots = [];
  const listeners = {};
  const channel = new BroadcastChannel('gatelet');
  let known, asked, link = { ok: true }, skew = 0, ends = 0, told = 0;

  const now = () => Date.now() / 1000 + skew;
  const emit = (event, value) => {
    listeners[event]?.forEach((listener) => queueMicrotask(() => listener(value)));
    return listeners[event]?.size;
  };
  const say = (type, facts) => channel.postMessage({ type, ...facts });
  const tell = ({ key, value, expiresAt }) => say('token', { key, value, expiresAt });
  const forget = (slot) => Object.assign(slot, { value: null, expiresAt: 0, due: Infinity });
  const drop = () => slots.forEach(forget);
  const find = (name) => slots.find(({ origin, key }) => origin === name || key === name);
  const fits = (slot) => slot.expiresAt - now() > 10;
  const end = () => Math.min(known.endsAt, known.idleEndsAt);
  const insist = (is, title) => { if (!is) throw new GateletError('not_valid', { title }); };

  for (const [origin, { audience = origin, scope }] of Object.entries({ [here]: { audience: null }, ...apis })) {
    insist(new URL(origin).origin === origin, origin);
    const key = [origin, audience, scope].join();
    if (mode === 'token') slots.push(forget({ origin, key, wish: { resource: audience, scope } }));
  }

  function reach(ok, wait) {
    if (ok && link.ok) return;
    const since = ok === link.ok ? link.since : now();
    const pause = wait || Math.min(20, now() - since + 1) * (1 + Math.random() / 2);
    link = { ok, since, retryAt: ok ? null : now() + pause };
    emit('connection', link);
  }

  async function send(input, init, round = 0, refused) {
    const request = new Request(input instanceof Request ? input.clone() : input, init);
    const { headers, signal } = request;
    const { origin, pathname } = new URL(request.url);
    const own = origin === here;
    const api = own ? /^\/api\//.test(pathname) : find(origin);
    const gate = own && (api || pathname.startsWith(base));
    if (!gate && !api) return fetch(request);
    const held = api && find(origin) && await token(origin, { refused });
    if (gate) headers.set('x-gatelet-csrf', 1);
    if (held) headers.set('authorization', `Bearer ${held}`);
    const answer = await fetch(request, { redirect: 'manual' }).catch((cause) => {
      if (round < 3) signal.throwIfAborted();
      if (gate) reach(false);
      throw new GateletError('unavailable', { cause });
    });
    const wait = patience(answer);
    const { status } = answer;
    const again = !init?.body?.getReader;
    if (gate) {
      const at = Date.parse(answer.headers.get('date')) / 1000;
      if (at) skew = at - Date.now() / 1000;
      reach(status < 502, wait);
    }
    if (status === 503 && api && again && round < 2 && !(wait > 10) && (/GET|HEAD/.test(request.method) || headers.has('idempotency-key'))) {
      await new Promise((wake) => { setTimeout(wake, (wait || 1) * 1000); signal.onabort = wake; });
      return send(input, init, round + 1, refused);
    }
    if (status !== 401) return answer;
    const facts = await GateletError.from(answer, now());
    const asks = (name) => RegExp(name + '="([^"]*)').exec(answer.headers.get('www-authenticate'))?.[1];
    const why = asks('error') ?? facts.problem;
    if (gate && facts.code === 'signed_out') {
      over();
      throw facts;
    }
    if (/_user_|step_up/.test(why)) {
      const needed = { maxAge: asks('max_age') && +asks('max_age'), acr: asks('acr_values') };
      return new Promise((_, reject) => {
        const cancel = () => reject(new GateletError('step_up_needed', { ...facts, needed }));
        const resume = async (options) => {
          cancel();
          signIn((await session())?.provider, { ...needed, ...options, stepUp: true });
        };
        if (!emit('step-up', { needed, resume, cancel })) cancel();
      });
    }
    return held && again && !refused && why === 'invalid_token' ? send(input, init, round, held) : answer;
  }

  async function ask(path, form) {
    const answer = await send(base + path, { method: form && 'POST', body: form && query(form), signal: AbortSignal.timeout(2e4) }, 3);
    const body = answer.ok && await json(answer);
    if (!body) throw await GateletError.from(answer, now());
    return body;
  }

  function over(reason, quietly) {
    reason ??= !known || end() > now() ? 'revoked' : known.endsAt > now() ? 'idle' : 'absolute';
    const was = known;
    const held = was || reason === 'here' || slots.some((slot) => slot.value);
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
    const isOther = next.sessionId !== known?.sessionId;
    const isNew = JSON.stringify(known) !== JSON.stringify(next);
    if (known && known.subject + known.tenant !== next.subject + next.tenant) over('other-tab', true);
    if (known && isOther) drop();
    known = next;
    if (isOther) say('session', { id: next.sessionId });
    if (isNew) emit('session', next);
    return next;
  }

  async function session({ fresh } = {}) {
    if (!fresh && known && now() < end()) return known;
    const began = ends;
    return asked ??= ask('/session').finally(() => { asked = null; }).then(
      (body) => (began === ends ? view(body) : session({ fresh: true })),
      (error) => { if (error.code === 'signed_out') return null; throw error; },
    );
  }
  const glance = () => session({ fresh: true }).catch(() => {});
  const extend = async () => view(await ask('/session/extend', {}));

  function adopt(slot, value, expiresAt, from) {
    const left = expiresAt - now();
    const lead = early * (document.hidden ? 0.4 : 1) * (1 + Math.random() / 2);
    Object.assign(slot, { value, expiresAt, due: now() + Math.max(left - lead, left / 2) });
    slot.wake?.();
    emit('token', { audience: slot.origin, expiresAt, from });
  }

  const isOthers = (value) => known?.sessionId && claimsOf(value).sid !== known.sessionId;
  const arrival = (slot, ms) => new Promise((wake) => { slot.wake = wake; setTimeout(wake, ms); });

  async function renew(slot) {
    const { key, wish, value: before } = slot;
    const came = () => slot.value && slot.value !== before;
    slot.due = Infinity;
    if (!slot.hello) {
      slot.hello = true;
      say('hello', { key });
      await arrival(slot, 150);
    }
    const wait = slot.asking + 1500 - performance.now();
    if (!came() && wait > 0) await arrival(slot, wait);
    if (came()) return slot.value;
    say('asking', { key });
    const began = ends;
    const { access_token: value, expires_in: life } = await ask('/token', wish);
    if (isOthers(value)) await glance();
    if (began !== ends) throw new GateletError('signed_out');
    adopt(slot, value, now() + life, 'server');
    tell(slot);
    return value;
  }
  const refresh = (slot) => slot.busy ??= renew(slot).finally(() => { slot.busy = null; });

  async function token(origin = here, { refused, fresh } = {}) {
    const slot = find(origin);
    if (!slot) throw new GateletError('not_listed');
    if (fresh || slot.value === refused) forget(slot);
    return fits(slot) ? slot.value : refresh(slot);
  }

  const stage = () => known && [end() - 120, known.endsAt - 120, known.endsAt - 600].some((at) => at > told && at < now());

  const ticking = setInterval(async () => {
    slots.forEach((slot) => slot.due <= now() && refresh(slot).catch(() => {}));
    const stale = known && (stage() || end() < now()) || !link.ok && !document.hidden;
    if (stale && !(link.retryAt > now())) await glance();
    if (!link.ok || !stage()) return;
    told = now();
    const idle = end() < Math.min(known.endsAt, told + 121);
    emit('expiring', { at: idle ? end() : known.endsAt, kind: idle ? 'idle' : 'absolute', extend: idle ? extend : null });
  }, 1000);

  function signIn(provider = '', { returnTo: target = location.pathname + location.search, stepUp, ...options } = {}) {
    insist(target[0] === '/' && new URL(target, here).origin === here, target);
    insist(!/[^\w-]/.test(provider), provider);
    location.assign(`${base}/login${provider && '/'}${provider}?${query({ target, tenant, ...options, stepUp: stepUp && 1 })}`);
  }

  channel.onmessage = ({ data: { type, reason, id, key, value, expiresAt } }) => {
    const slot = find(key);
    const isOther = id !== known?.sessionId;
    if (type === 'session' && known !== undefined && isOther) glance();
    if (type === 'ended' && !(id && known && isOther)) over(reason === 'here' ? 'other-tab' : reason, true);
    if (!slot) return;
    if (type === 'asking') slot.asking = performance.now();
    if (type === 'hello' && fits(slot)) tell(slot);
    if (type === 'token') isOthers(value) ? glance() : expiresAt > slot.expiresAt && adopt(slot, value, expiresAt, 'tab');
  };

  const wake = () => known && !document.hidden && glance();
  ['visibilitychange', 'online', 'pageshow'].forEach((event) => addEventListener(event, wake));
  addEventListener('pagehide', drop);

  return {
    session, signIn, extend, now, token, fetch: send,
    claims: async (origin) => claimsOf(await token(origin)),
    signOut: async (options) => { await ask('/logout', { ...options }); over('here'); },
    on(event, listener) {
      (listeners[event] ??= new Set()).add(listener);
      return () => listeners[event].delete(listener);
    },
    close() {
      clearInterval(ticking);
      channel.close();
      drop();
      known = null;
    },
  };
}
