// A real browser in front of the gateway, and what people do in it.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { setting } from './gateway.mjs';

const { chromium } = await import(join(setting('TEST_PLAYWRIGHT'), 'index.mjs'));

/** The system's own browser. */
const program = () => {
  const places = setting('PATH').split(delimiter).map((folder) => join(folder, 'chromium'));
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error('no `chromium` on PATH: cargo xtask tools installs it');
  return found;
};

/** The browser, and the pictures of what it showed. */
export class Browser {
  static async launch() {
    const browser = new Browser();
    browser.chromium = await chromium.launch({
      executablePath: program(),
      // The sandbox of the browser needs rights that a test machine may not give; the pages are our own.
      args: ['--no-sandbox'],
      // People's browsers keep left pages in memory, so this one does too.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    browser.pictures = setting('TEST_PICTURES');
    await mkdir(browser.pictures, { recursive: true });
    return browser;
  }

  /** A person with a profile of their own. Whatever the page's script or its policy complains of fails the test. */
  async person(options = {}) {
    const context = await this.chromium.newContext({ locale: 'en-GB', ...options });
    context.complaints = [];
    context.on('weberror', (error) => context.complaints.push(String(error.error())));
    context.on('console', (message) => {
      if (/content security policy|trusted/i.test(message.text())) context.complaints.push(message.text());
    });
    return context;
  }

  async picture(page, name) {
    await page.screenshot({ path: join(this.pictures, `${name}.png`), fullPage: true });
  }

  async close() {
    await this.chromium.close();
  }
}

/** Plays with a person, who is gone afterwards. Fails if a page threw or broke its policy. */
export async function played(person, play) {
  try {
    await play(person);
    assert.deepEqual(person.complaints, []);
  } finally {
    await person.close();
  }
}

/** Opens the console at this path and signs in as this person at the pocket provider. Ends where the browser ends. */
export async function signIn(gateway, page, subject, path = '/') {
  await page.goto(gateway.address + path);
  await page.getByRole('link', { name: 'Pocket provider' }).click();
  await page.locator(`button[value="${subject}"]`).click();
}

/** The same, and waits until the console shows a page of somebody who is signed in. */
export async function signedIn(gateway, page, subject, path = '/') {
  await signIn(gateway, page, subject, path);
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
  await shown(page, path === '/account' ? 'account' : 'home');
}

/** Waits until the console shows a page in this state. */
export const shown = (page, state) => page.locator(`main[data-state="${state}"]`).waitFor();

/** What the page sends by itself, sent from within it: with its cookie and its header. */
export const post = (page, path) => page.evaluate(async (at) => {
  const answer = await fetch(at, { method: 'POST', headers: { 'x-gatelet-csrf': '1' } });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}, path);

