// Where a state of a page is reached: one gateway, one browser, a person of its own for each visit.

import { give } from './answers.mjs';
import { Browser, played } from './browser.mjs';
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
    person.setDefaultTimeout(15_000);
    if (who) {
      const [name, value] = (await session(this.gateway, who)).split('=');
      await person.addCookies([{ name, value, url: this.gateway.address, httpOnly: true, sameSite: 'Strict' }]);
    }
    for (const [path, answer] of Object.entries(answers)) await answered(person, this.gateway.address, path, answer);
    return person;
  }

  /** Reaches a state of the table and plays there. Fails if the page threw or broke its policy. */
  async visit(state, play) {
    // Without motion every check sees a page that has come to rest.
    const person = await this.person({ reducedMotion: 'reduce', who: state.who, answers: typeof state.answers === 'function' ? state.answers() : state.answers });
    await played(person, async () => {
      const scene = { page: await person.newPage(), person, gateway: this.gateway, stage: this };
      await reach(state, scene);
      await play(scene);
    });
  }

  async close() {
    await this.browser?.close();
    await this.gateway?.stop();
  }
}

/** Opens the state's address, does what leads to it, and waits until the page shows it. */
export async function reach(state, scene) {
  const { page, gateway } = scene;
  await state.before?.(scene);
  if (state.at !== null) await page.goto(gateway.address + (state.at ?? '/'));
  await state.then?.(scene);
  await state.shows(page).first().waitFor();
  // Parts of a page come on their own. Where waiting is the state itself, they do not.
  if (!/loading|asking/.test(state.name)) await rested(page);
}

/** Waits until nothing of the page is on its way. */
export const rested = (page) => page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });

/** Answers at this path in the gateway's place; a star at its end stands for all that follows. */
async function answered(person, address, path, answer) {
  const fits = ({ origin, pathname }) => origin === address
    && (path.endsWith('*') ? pathname.startsWith(path.slice(0, -1)) : pathname === path);
  await person.route(fits, (route) => give(route, answer));
}

/**
 * A function that does one thing on a page whose clock stands still, lets the announcer have its say, as it leaves five seconds
 * between two sentences, and adds what was `heard` meanwhile to what was `said`.
 */
export const teller = (page, heard, said) => async (what, does, shows) => {
  const count = heard.length;
  await does();
  await shows?.waitFor();
  await rested(page);
  for (let pause = 0; pause < 3; pause += 1) {
    await page.clock.fastForward(5_000);
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(done); }));
  }
  said.push(`${what}:`, ...heard.slice(count).map((line) => `  ${line}`));
};
