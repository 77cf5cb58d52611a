// Every page of the console in every state, and how to reach it. What looks at pages walks this one table.
//
// name: the golden file and the picture. page: the file in console/pages/. at: the address; `null` if `then` opens it.
// who: the person that is signed in. answers: what comes in the gateway's place. before: done before the page is opened.
// then: done on the page. shows: what says that the state is there.

import { AWAY, OFTEN, STEP_UP, THERE, ending, give, inTurn, over, patched } from './answers.mjs';
import { atHome } from './automations.mjs';
import { ROOMS } from './rooms-states.mjs';
import { ask } from './session.mjs';
import { rested } from './stage.mjs';

/** The page, by its title. */
const title = (name) => (page) => page.getByRole('heading', { level: 1, name });
const text = (shape) => (page) => page.locator('main').getByText(shape).first();
const dialog = (name) => (page) => page.getByRole('dialog', { name });
const band = (name) => (page) => page.getByRole('complementary', { name });
const button = (page, name) => page.getByRole('button', { name, exact: true });

/** What the browser says when somebody looks at the page again; the page then looks at its session. */
const lookedAt = (page) => page.evaluate(() => { document.dispatchEvent(new Event('visibilitychange', { bubbles: true })); });
/** What the browser kept from another time. */
const kept = (preferences) => ({ page }) => page.addInitScript((value) => localStorage.setItem('gatelet.preferences', value), JSON.stringify(preferences));
/** Nothing of the gateway answers any more, and the page notices. A late answer would say that it is connected, so none is on its way. */
const lost = async ({ page, person }) => {
  await rested(page);
  await person.route('**/auth/**', (route) => give(route, AWAY));
  await lookedAt(page);
};

/** A call of the page that the API answers with the wish for a newer proof. */
export const callsApi = (page) => page.evaluate(async () => {
  const main = document.querySelector('script[type=module]').src;
  const { gatelet } = await import(new URL('session.js', main));
  gatelet.fetch('/api/me').catch(() => undefined);
});

const LATER = Math.floor(Date.now() / 1000);
const PROVIDERS = { body: { local: false, providers: [{ name: 'entra', title: 'Contoso' }, { name: 'google', title: 'Google' }] } };
const FIVE = ['Firefox on Linux', 'Chrome on Android', 'Safari on iOS', null, 'Edge on Windows'];
const SESSIONS = { body: { now: LATER, sessions: FIVE.map((browser, at) => ({
  id: String(at).repeat(32), current: at === 0, provider: at === 3 ? 'entra' : 'pocket', browser,
  begun_at: LATER - at * 90_000, idle_ends_at: LATER + 1_800 - at * 60, ends_at: LATER + 20_000,
})) } };

const SIGN_IN = [
  { name: 'sign-in', at: '/', shows: (page) => page.getByRole('link', { name: /^Eda/ }) },
  { name: 'sign-in-deep', at: '/t/acme/runs?state=failed', shows: text('/t/acme/runs?state=failed') },
  { name: 'sign-in-application', at: '/sign-in?continue=%2Fauth%2Fauthorize%3Fclient_id%3Dgatelet', shows: text(/An application waits/) },
  { name: 'sign-in-providers', at: '/', answers: { '/auth/providers': PROVIDERS }, shows: (page) => page.getByRole('link', { name: 'Contoso' }) },
  { name: 'sign-in-last', at: '/', before: kept({ provider: 'google' }), answers: { '/auth/providers': PROVIDERS }, shows: text('used last time') },
  { name: 'sign-in-none', at: '/', answers: { '/auth/providers': { body: { local: false, providers: [] } } }, shows: text(/No identity provider/) },
  { name: 'sign-in-loading', at: '/', answers: { '/auth/providers': 'silent' }, shows: text('Loading the providers…') },
  { name: 'sign-in-away', at: '/', answers: { '/auth/providers': AWAY }, shows: text(/could not be listed/) },
  { name: 'sign-in-often', at: '/', answers: { '/auth/providers': OFTEN }, shows: text(/too many requests/) },
  { name: 'sign-in-elsewhere', at: '/', answers: { '/auth/providers': THERE }, shows: text(/another region/) },
  {
    name: 'signed-out', at: '/t/acme', who: 'eda', shows: title(/You are signed out/),
    then: ({ page }) => button(page, 'Sign out').click(),
  },
  {
    name: 'signed-out-everywhere', at: '/account', who: 'aud', shows: title(/signed out everywhere/),
    then: ({ page }) => button(page, 'Sign out everywhere').click(),
  },
  {
    name: 'signed-out-other-tab', at: '/t/acme', who: 'eda', shows: title(/You signed out in another tab/),
    then: async ({ page, person, gateway }) => {
      const other = await person.newPage();
      await other.goto(`${gateway.address}/t/acme`);
      await button(other, 'Sign out').click();
    },
  },
  {
    name: 'signed-out-revoked', at: '/t/acme', who: 'eda', shows: title(/Your session was ended/),
    then: async ({ page, person, gateway }) => {
      await page.getByRole('heading', { name: 'Acme' }).waitFor();
      await signOutUnseen(person, gateway);
      await lookedAt(page);
    },
  },
  {
    name: 'signed-out-idle', at: '/t/acme', who: 'eda', shows: title(/Your session ended/),
    answers: () => ({ '/auth/session': over('idle_ends_at', 2) }),
  },
  {
    name: 'signed-out-absolute', at: '/t/acme', who: 'eda', shows: title(/Your session ended/),
    answers: () => ({ '/auth/session': over('ends_at', 2) }),
  },
].map((state) => ({ page: 'sign-in', ...state }));

/** Ends the session with its own cookie, from where the page cannot see it. */
async function signOutUnseen(person, gateway) {
  const own = (await person.cookies(gateway.address)).find(({ name }) => name === 'bff_session');
  const headers = { cookie: `${own.name}=${own.value}`, 'x-gatelet-csrf': '1', origin: gateway.address };
  const { status } = await ask(`${gateway.address}/auth/logout`, { method: 'POST', headers });
  if (status >= 300) throw new Error(`signing out was answered with ${status}`);
}

/** Max belongs to two tenants, and the provider sends him back to choose. */
const asMax = async ({ page, gateway }) => {
  await page.goto(`${gateway.address}/auth/login/pocket?target=/t/globex`);
  await page.locator('button[value="max"]').click();
};

const CHOOSE = [
  { name: 'choose-tenant', at: null, then: asMax, shows: (page) => page.getByRole('radio', { name: /Globex/ }) },
  { name: 'choose-tenant-lost', at: '/choose-tenant?slot=0', shows: text(/could not be listed/) },
  { name: 'choose-tenant-loading', at: '/choose-tenant?slot=0', answers: { '/auth/choose': 'silent' }, shows: text('Loading your tenants…') },
  {
    name: 'choose-tenant-refused', at: null, shows: (page) => page.getByRole('alert'),
    answers: () => ({ '/auth/choose': inTurn('own', AWAY) }),
    then: async (scene) => {
      await asMax(scene);
      await button(scene.page, 'Continue').click();
    },
  },
].map((state) => ({ page: 'choose-tenant', ...state }));

const HOME = [
  ...['ada', 'eda', 'vic', 'aud'].map((who) => ({ name: `home-${who}`, at: '/t/acme', who, shows: title('Acme') })),
  { name: 'home-no-scopes', at: '/t/acme', who: 'eda', answers: { '/auth/session': patched({ scopes: [], name: null }) }, shows: text(/There is nothing for you yet/) },
  { name: 'home-asking', at: '/t/acme', who: 'eda', answers: { '/auth/session': 'silent' }, shows: text(/Loading/) },
  {
    name: 'home-not-connected', at: '/t/acme', who: 'eda', shows: band('Connection'),
    then: async (scene) => {
      await title('Acme')(scene.page).waitFor();
      await lost(scene);
    },
  },
  {
    name: 'home-still-in', at: '/t/acme', who: 'eda', answers: { '/auth/logout': OFTEN }, shows: (page) => page.getByRole('alert'),
    then: ({ page }) => button(page, 'Sign out').click(),
  },
  { name: 'home-idle', at: '/t/acme', who: 'eda', answers: () => ({ '/auth/session': ending('idle_ends_at', 121) }), shows: dialog('Are you still here?') },
  {
    name: 'home-idle-refused', at: '/t/acme', who: 'eda', shows: (page) => page.getByRole('alert'),
    answers: () => ({ '/auth/session': ending('idle_ends_at', 121), '/auth/session/extend': OFTEN }),
    then: ({ page }) => button(page, 'Stay signed in').click(),
  },
  {
    name: 'home-step-up', at: '/t/acme', who: 'eda', answers: { '/api/me': STEP_UP }, shows: dialog('Prove who you are again'),
    then: async ({ page }) => {
      await title('Acme')(page).waitFor();
      await callsApi(page);
    },
  },
  { name: 'home-ending', at: '/t/acme', who: 'eda', answers: () => ({ '/auth/session': ending('ends_at', 601) }), shows: band('End of your session') },
].map((state) => ({ page: 'home', ...state, answers: () => ({ ...atHome(), ...(typeof state.answers === 'function' ? state.answers() : state.answers) }) }));

const ACCOUNT = [
  { name: 'account', who: 'gus', shows: text('You are signed in nowhere else.') },
  {
    name: 'account-claims', who: 'ada', answers: { '/auth/sessions': SESSIONS }, shows: text('Audience: the API that may accept it'),
    then: ({ page }) => page.getByText('What stands in it').click(),
  },
  { name: 'account-five', who: 'ada', answers: { '/auth/sessions': SESSIONS }, shows: text('Unknown browser') },
  { name: 'account-loading', who: 'ada', answers: { '/auth/sessions': 'silent', '/auth/token': 'silent' }, shows: text('Loading your sessions…') },
  { name: 'account-away', who: 'ada', answers: { '/auth/sessions': OFTEN, '/auth/token': AWAY }, shows: text('Your sessions could not be listed') },
  {
    name: 'account-refused', who: 'ada', answers: { '/auth/sessions': SESSIONS, '/auth/logout': OFTEN }, shows: (page) => page.getByRole('alert'),
    then: ({ page }) => button(page, 'Sign out everywhere').click(),
  },
  {
    name: 'account-not-connected', who: 'ada', shows: band('Connection'), answers: { '/auth/sessions': SESSIONS },
    then: async (scene) => {
      await text('Unknown browser')(scene.page).waitFor();
      await lost(scene);
    },
  },
  { name: 'account-utc', who: 'ada', before: kept({ times: 'utc', motion: 'reduced' }), answers: { '/auth/sessions': SESSIONS }, shows: text('Unknown browser') },
].map((state) => ({ page: 'account', at: '/account', ...state }));

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const ERRORS = ['cancelled', 'unavailable', 'unknown_client', 'too_many_requests', 'never_heard_of'];
const ENDS = [
  ...ERRORS.map((code) => ({ name: `error-${code}`, page: 'error', at: `/error/${code}?trace=${TRACE}`, shows: (page) => page.locator('main[data-state=error]') })),
  { name: 'error-other_region', page: 'error', at: `/error/other_region?trace=${TRACE}&base_url=https%3A%2F%2Fus.gate.example%2F`, shows: (page) => page.getByRole('link', { name: 'https://us.gate.example/' }) },
  ...['no_tenant', 'no_role'].map((why) => ({
    name: `no-access-${why}`, page: 'no-access', at: `/no-access?why=${why}&trace=${TRACE}`, shows: title('You have no access here'),
  })),
  { name: 'not-found', page: 'not-found', at: '/t/acme/nothing', who: 'eda', shows: title('Not found') },
  { name: 'wrong-tenant', page: 'wrong-tenant', at: '/t/globex', who: 'eda', shows: title('This link is for another tenant') },
  { name: 'unknown', page: 'unknown', at: '/t/acme', who: 'eda', answers: { '/auth/session': AWAY }, shows: title('Gatelet cannot be used right now') },
  { name: 'unknown-gone', page: 'unknown', at: '/t/acme', who: 'eda', answers: { '/auth/session': 'gone' }, shows: title('Gatelet cannot be used right now') },
  {
    name: 'broke', page: 'broke', at: '/t/acme', who: 'eda', shows: title('This page broke'),
    then: async ({ page }) => {
      await title('Acme')(page).waitFor();
      await page.evaluate(() => { dispatchEvent(new ErrorEvent('error', { error: new TypeError('made by the test') })); });
    },
  },
  { name: 'not-started', page: 'sign-in', at: '/', answers: { '/assets/*': (route) => (route.request().url().endsWith('/shell/router.js') ? route.abort() : route.fallback()) }, shows: (page) => page.getByText('The console did not start') },
];

export const STATES = [...SIGN_IN, ...CHOOSE, ...HOME, ...ACCOUNT, ...ENDS, ...ROOMS];
