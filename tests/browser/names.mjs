// What a screen reader is told, compared with what was agreed. `TEST_BLESS=1` writes the files anew.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const folder = join(import.meta.dirname, 'golden');

/** What differs from run to run, and the word that stands for it. */
const MASKS = [
  [/\b\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}/g, '‹time›'],
  [/\b([0-9a-f]{64}|[0-9a-f]{32})\b/g, '‹id›'],
  [/\b[0-9a-f]{8,16}…[0-9a-f]{0,8}/g, '‹id›'],
  [/(localhost|127\.0\.0\.1):\d+/g, '‹address›'],
  [/\b\d{1,2} [A-Z][a-z]{2} \d{4}(, | at )\d{2}:\d{2}(:\d{2})?( (UTC|[+−]\d{2}:\d{2}))?/g, '‹time›'],
  [/\b\d{2}\/\d{2}\/\d{4}, \d{2}:\d{2}(:\d{2})?/g, '‹time›'],
  [/\b\d{2}:\d{2}(:\d{2})?( [+−]\d{2}:\d{2})?/g, '‹time›'],
  [/\b\d+ (hours?|h)( \d+ min)?/g, '‹span›'],
  [/\b\d+ (minutes?|min)( \d+ s)?/g, '‹span›'],
  [/\b\d+ (seconds?|s)\b/g, '‹span›'],
  [/\b\d{10}(\d{3})?\b/g, '‹time›'],
  [/(less than a minute|‹span›) ago|\bin (less than a minute|‹span›)/g, '‹distance›'],
  [/- time: .*/g, '- time: ‹time›'],
  // What was said last, and not yet replaced: announcements.txt has it.
  [/^ {2}- status: .*/gm, '  - status'],
];

export const masked = (text) => MASKS.reduce((rest, [shape, word]) => rest.replaceAll(shape, word), text);

/** Compares a text with the file of this name, or writes it. */
export async function agrees(name, text) {
  const file = join(folder, name);
  const found = `${masked(text).trimEnd()}\n`;
  if (process.env.TEST_BLESS === '1') {
    await mkdir(dirname(file), { recursive: true });
    return writeFile(file, found);
  }
  const agreed = await readFile(file, 'utf8').catch(() => null);
  assert.notEqual(agreed, null, `golden/${name} is missing: run with TEST_BLESS=1, and read what it wrote`);
  return assert.equal(found, agreed, `golden/${name} says otherwise; if the new words are meant, run with TEST_BLESS=1`);
}

/** Names, roles and states of all that the page shows. */
export async function names(page, state) {
  await agrees(`${state}.yaml`, await page.locator('html').ariaSnapshot());
}

/** Records what live regions say in this context, over all its pages, in order. Call it before the first page. */
export async function listen(context) {
  const heard = [];
  await context.exposeBinding('testHears', (_, line) => heard.push(line));
  await context.addInitScript(() => {
    const last = new WeakMap();
    const hear = () => {
      for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live]')) {
        const text = region.checkVisibility() ? region.innerText.replace(/\s+/g, ' ').trim() : '';
        if (text === (last.get(region) ?? '')) continue;
        last.set(region, text);
        if (text) window.testHears(`${region.getAttribute('role') ?? region.getAttribute('aria-live')}: ${text}`);
      }
    };
    const options = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(hear).observe(document, options);
  });
  return heard;
}
