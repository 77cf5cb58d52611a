// Where a state of a page is reached: one gateway, one browser, a person of its own for each visit.

import assert from 'node:assert/strict';

import { Browser } from './browser.mjs';
import { Gateway } from './gateway.mjs';
import { session } from './session.mjs';

/** A gateway and a browser for all the states of one file. */
export class Stage {
  static async open() {
    const stage = new Stage();
    [stage.gateway, stage.browser] = await Promise.all([Gateway.start(), Browser.launch()]);
    return stage;
  }

  /** A person's browser, signed in as `who` if anybody is named, with the answers of `answers` in place of the gateway's. */
  async person({ who, answers = {}, ...options } = {}) {
    const person = await this.browser.person(options);
    if (who) {
      const [name, value] = (await session(this.gateway, who)).split('=');
      await person.addCookies([{ name, value, url: this.gateway.address, httpOnly: true, sameSite: 'Strict' }]);
    }
    for (const [path, answer] of Object.entries(answers)) await answered(person, this.gateway.address, path, answer);
    return person;
  }

  /** Reaches a state of the table and plays there. Fails if the page threw or broke its policy. */
  async visit(state, play, options = {}) {
    const person = await this.person({ who: state.who, answers: state.answers, ...state.options, ...options });
    try {
      const page = await person.newPage();
      const scene = { page, person, gateway: this.gateway, stage: this };
      await reach(state, scene);
      await play(scene);
      assert.deepEqual(person.complaints.filter((line) => !state.complains?.test(line)), []);
    } finally {
      await person.close();
    }
  }

  async close() {
    await this.browser?.close();
    await this.gateway?.stop();
  }
}

/** Opens the state's address, does what leads to it, and waits until the page shows it. */
export async function reach(state, scene) {
  const { page, gateway } = scene;
  if (state.clock) await page.clock.install();
  await state.before?.(scene);
  if (state.at !== null) await page.goto(gateway.address + (state.at ?? '/'));
  await state.then?.(scene);
  await state.shows(page).first().waitFor({ timeout: 15_000 });
}

/** One answer in the gateway's place: a function of the route, or `{ status, body, headers }`, or one of the words below. */
async function answered(person, address, path, answer) {
  await person.route((url) => url.origin === address && (path.endsWith('*') ? url.pathname.startsWith(path.slice(0, -1)) : url.pathname === path), async (route) => {
    if (typeof answer === 'function') return answer(route);
    if (answer === 'gone') return route.abort('connectionrefused');
    if (answer === 'silent') return undefined;
    const { status = 200, body, headers = {} } = answer;
    const contentType = status < 400 ? 'application/json' : 'application/problem+json';
    return route.fulfill({ status, headers, contentType, body: JSON.stringify(body) });
  });
}

/** A problem document with its header, as the gateway writes it. */
export const problem = (status, code, title, { retryAfter, ...more } = {}) => ({
  status,
  headers: retryAfter ? { 'retry-after': String(retryAfter) } : {},
  body: { type: `urn:gatelet:problem:${code}`, code, title, status, trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', ...(retryAfter && { retry_after: retryAfter }), ...more },
});

export const AWAY = problem(503, 'unavailable', 'A dependency is away', { retryAfter: 5 });

/** The gateway's own answer with these members instead of its own; a function is told what stood there. */
export const patched = (members) => async (route) => {
  const answer = await route.fetch();
  if (!answer.ok()) return route.fulfill({ response: answer });
  const body = await answer.json();
  const changed = Object.entries(members).map(([name, value]) => [name, typeof value === 'function' ? value(body) : value]);
  return route.fulfill({ response: answer, json: { ...body, ...Object.fromEntries(changed) } });
};
