// The plain page: sign in, choose a tenant, see the session and a token, sign out. It shows text as text only,
// and keeps what it knows of a person in memory until that person leaves.

/** Why a sign-in came to nothing, by the code in the address. */
const REFUSALS = {
  bad_id_token: 'The provider’s proof of who you are is not valid.',
  bad_redirect_uri: 'The application wants its answer at an address that is not registered.',
  bad_request: 'The request was malformed.',
  bad_target: 'The place to return to is not part of this gateway.',
  cancelled: 'You, or your administrator, said no at the provider.',
  nonce_mismatch: 'The provider answered to another sign-in.',
  no_role: 'Your tenant has no role for you. An administrator of the tenant can give you one.',
  no_tenant: 'You belong to no tenant of this gateway.',
  other_person: 'Somebody else proved who they are. Sign out first to change the person.',
  other_provider: 'The answer came from another provider than the one you chose.',
  provider_error: 'The provider reported an error.',
  provider_refused: 'The provider did not confirm the sign-in.',
  sign_in_lost: 'This sign-in took too long, or was begun in another browser.',
  sign_in_too_old: 'You proved who you are too long ago.',
  sign_in_too_weak: 'The proof was weaker than what was asked for.',
  sign_in_used: 'This sign-in was finished before.',
  tenant_inactive: 'Your tenant is switched off.',
  too_many_groups: 'You are in more groups than the provider reports, so that your role is not known.',
  unavailable: 'Something the gateway needs is away. Nothing was decided; trying again is safe.',
  unknown_client: 'The application is not registered here.',
  unknown_provider: 'There is no such provider here.',
  wrong_issuer: 'The answer came from somebody else than the provider.',
};

const at = (id) => document.getElementById(id);
const tabs = new BroadcastChannel('gatelet');
/** The session as the server last told it, and the token. Neither is ever stored. */
let session = null;
let token = null;
let clock = null;

/** Asks the gateway as its own page. */
async function ask(path, { method = 'GET', form, bearer } = {}) {
  const headers = bearer ? { authorization: `Bearer ${bearer}` } : { 'x-gatelet-csrf': '1' };
  const body = form && new URLSearchParams(form);
  try {
    const answer = await fetch(path, { method, headers, body, cache: 'no-store' });
    const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, ok: answer.ok, body: isJson ? await answer.json() : null };
  } catch {
    return { status: 0, ok: false, body: null };
  }
}

/** Says what did not happen, and why, as far as the answer tells. */
function complain(what, { status, body }) {
  if (body?.code === 'sign_in_required') return ended('Your session is over. Sign in to go on.');
  if (status === 0) return say('message', `${what}: the gateway could not be reached. Nothing was changed.`);
  const why = body?.error_description ?? body?.title ?? `status ${status}`;
  const rest = [body?.base_url && `Its address: ${body.base_url}`, body?.trace_id && `Trace ${body.trace_id}`];
  say('message', [`${what}: ${why}.`, ...rest.filter(Boolean)].join(' '));
}

function say(where, text) {
  at('message').textContent = '';
  at('status').textContent = '';
  at(where).textContent = text;
}

/** Shows one of the three states and nothing of the others. */
function show(state) {
  for (const id of ['sign-in', 'choose', 'signed-in']) at(id).hidden = id !== state;
}

function facts(list, pairs) {
  list.replaceChildren(...pairs.flatMap(([name, value]) => {
    const [term, text] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    text.textContent = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return [term, text];
  }));
}

/** Forgets the person: memory and page. */
function forget() {
  clearInterval(clock);
  [session, token] = [null, null];
  for (const id of ['session', 'claims', 'me-facts', 'idle-left', 'time-left', 'tenants']) at(id).replaceChildren();
  at('token-form').reset();
  [at('token').hidden, at('me').hidden] = [true, true];
  show(null);
}

async function ended(why) {
  forget();
  await offerProviders();
  say('status', why);
  at('title').focus();
}

/** The address to return to after signing in: this one, or the one that a page of its own stands in for. */
function here() {
  if (!/^\/(error\/|sign-in$|choose-tenant$)/.test(location.pathname)) return location.pathname + location.search;
  const target = new URLSearchParams(location.search).get('target') ?? '';
  return /^\/(?!\/)/.test(target) ? target : '/';
}

/** Where a click on a provider leads: to the application's request if one waits, else back to here. */
function signInAddress(provider) {
  const waiting = new URLSearchParams(location.search).get('continue');
  if (waiting?.startsWith('/auth/authorize?')) {
    const address = new URL(waiting, location.origin);
    address.searchParams.set('provider', provider);
    return address.pathname + address.search;
  }
  return `/auth/login/${encodeURIComponent(provider)}?${new URLSearchParams({ target: here() })}`;
}

function choices(list, entries, make) {
  list.replaceChildren(...entries.map((entry) => {
    const item = document.createElement('li');
    item.append(make(entry));
    return item;
  }));
}

async function offerProviders() {
  const answer = await ask('/auth/providers');
  show('sign-in');
  if (!answer.ok) return complain('The providers could not be listed', answer);
  choices(at('providers'), answer.body.providers, ({ name, title }) => {
    const link = document.createElement('a');
    [link.className, link.href, link.textContent] = ['button', signInAddress(name), title];
    return link;
  });
}

async function offerTenants(slot) {
  const answer = await ask(`/auth/choose?${new URLSearchParams({ slot })}`);
  if (!answer.ok) return false;
  choices(at('tenants'), answer.body.tenants, ({ id, title }) => {
    const button = document.createElement('button');
    [button.type, button.textContent] = ['button', title];
    button.addEventListener('click', () => chooseTenant(slot, id));
    return button;
  });
  show('choose');
  return true;
}

async function chooseTenant(slot, tenant) {
  const answer = await ask('/auth/choose', { method: 'POST', form: { slot, tenant } });
  if (!answer.ok) return complain('The tenant was not chosen', answer);
  location.replace(answer.body.location);
}

const span = (seconds) => {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)];
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${String(rest).padStart(2, '0')} s` : `${rest} s`;
};
const date = (seconds) => new Date(seconds * 1000).toLocaleString();

/** Shows the session and counts down by the server's clock, which the person's own may not agree with. */
function showSession(view) {
  const [began, known] = [performance.now(), view];
  session = view;
  facts(at('session'), [
    ...(view.name ? [['Name', view.name]] : []),
    ['Tenant', `${view.tenant_title} (${view.tenant})`],
    ['Role', view.role], ['Signed in with', view.provider],
    ['Since', date(view.begun_at)], ['Until', date(view.ends_at)],
  ]);
  at('extend').disabled = !view.can.extend.allowed;
  at('extend-why').textContent = view.can.extend.reason ?? '';
  const tick = () => {
    const now = known.now + (performance.now() - began) / 1000;
    const left = Math.min(known.idle_ends_at, known.ends_at) - now;
    if (left <= 0) return ended('Your session is over. Sign in to go on.');
    at('idle-left').textContent = span(left);
    at('time-left').textContent = span(known.ends_at - now);
  };
  clearInterval(clock);
  clock = setInterval(tick, 1000);
  tick();
  show('signed-in');
}

async function extend() {
  const answer = await ask('/auth/session/extend', { method: 'POST' });
  if (!answer.ok) return complain('The session was not extended', answer);
  showSession(answer.body);
  say('status', 'You stay signed in.');
}

async function signOut(everywhere) {
  const form = everywhere ? { everywhere: 'true' } : undefined;
  const answer = await ask('/auth/logout', { method: 'POST', form });
  if (!answer.ok && answer.status !== 401) return complain('You are still signed in', answer);
  tabs.postMessage('ended');
  await ended(everywhere ? 'You are signed out everywhere.' : 'You are signed out.');
}

/** The claims, for people to read. They decide nothing here. */
function claimsOf(text) {
  const middle = text.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(middle), (letter) => letter.codePointAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

async function getToken(event) {
  event.preventDefault();
  const form = [...new FormData(event.target)].filter(([, value]) => value !== '');
  const answer = await ask('/auth/token', { method: 'POST', form });
  if (!answer.ok) return complain('There is no token', answer);
  token = answer.body.access_token;
  facts(at('claims'), Object.entries(claimsOf(token)));
  [at('token').hidden, at('me').hidden] = [false, true];
  say('status', `A token for ${Math.round(answer.body.expires_in / 60)} minutes.`);
}

async function askMe() {
  const answer = await ask('/api/me', { bearer: token });
  if (!answer.ok) return complain('The API refused the token', answer);
  facts(at('me-facts'), Object.entries(answer.body));
  at('me').hidden = false;
}

/** Takes what the address says of a failed sign-in out of it, so that a reload does not say it again. */
function explain(query) {
  const [code, trace] = [location.pathname.replace(/^\/error\//, ''), query.get('trace') ?? ''];
  if (!/^[a-z_]{1,40}$/.test(code)) return null;
  history.replaceState(null, '', here());
  const words = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : 'You were not signed in.';
  return `${words} (${code}${/^[0-9a-f]{32}$/.test(trace) ? `, trace ${trace}` : ''})`;
}

async function start() {
  const query = new URLSearchParams(location.search);
  const problem = explain(query);
  const slot = location.pathname === '/choose-tenant' ? query.get('slot') : null;
  if (slot !== null && (await offerTenants(slot))) return;
  const answer = await ask('/auth/session');
  if (answer.ok) showSession(answer.body);
  else await offerProviders();
  if (problem) say('message', problem);
  else if (![200, 401].includes(answer.status)) complain('The session could not be read', answer);
}

at('extend').addEventListener('click', extend);
at('sign-out').addEventListener('click', () => signOut(false));
at('sign-out-everywhere').addEventListener('click', () => signOut(true));
at('token-form').addEventListener('submit', getToken);
at('ask-me').addEventListener('click', askMe);
tabs.addEventListener('message', ({ data }) => {
  if (data === 'ended' && session) ended('You signed out in another tab.');
});
// A page that comes back from the browser's memory must not show who was there.
addEventListener('pagehide', forget);
addEventListener('pageshow', ({ persisted }) => persisted && start());
document.addEventListener('visibilitychange', async () => {
  if (document.visibilityState !== 'visible' || !session) return;
  const answer = await ask('/auth/session');
  if (answer.ok && session) showSession(answer.body);
  else if (answer.status === 401) ended('Your session is over. Sign in to go on.');
});
start();
