// The contrasts of the console's colours, worked out from the file that names them (WCAG 2.2: 1.4.3, 1.4.11).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const file = readFileSync(join(import.meta.dirname, '../../console/styles/base.css'), 'utf8');

/** The two values of each colour. One that is written otherwise is not read, and the last test says so. */
const colours = new Map([...file.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g)]
  .map(([, name, light, dark]) => [name, { light, dark }]));

/** Relative luminance, as WCAG 2.2 defines it. */
const luminance = (hex) => {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

const GROUNDS = ['canvas', 'subtle', 'raised'];
/** What is written, on what, and the least contrast of it. */
const PAIRS = [
  ...['text', 'text-2', 'text-3', 'accent', 'error'].flatMap((text) => GROUNDS.map((ground) => [text, ground, 4.5])),
  ...['text', 'text-2', 'accent'].map((text) => [text, 'info', 4.5]),
  ...GROUNDS.map((ground) => ['edge', ground, 3]),
  ...[...colours.keys()].filter((name) => name.startsWith('on-')).map((text) => [text, text.slice('on-'.length), 4.5]),
];

for (const theme of ['light', 'dark']) {
  test(`the ${theme} colours can be read`, () => {
    const poor = PAIRS.flatMap(([text, ground, least]) => {
      assert.ok(colours.has(text) && colours.has(ground), `${text} on ${ground}: not in base.css`);
      const found = contrast(colours.get(text)[theme], colours.get(ground)[theme]);
      return found < least ? [`${text} on ${ground}: ${found.toFixed(2)} of ${least}`] : [];
    });
    assert.deepEqual(poor, []);
  });
}

test('every colour is judged, but for lines that only decorate', () => {
  assert.ok(Math.abs(contrast('#000000', '#ffffff') - 21) < 1e-9);
  const judged = new Set(PAIRS.flatMap(([text, ground]) => [text, ground]));
  const written = [...file.matchAll(/--([\w-]+):\s*(?:light-dark|#|rgb|hsl|oklch|color)/g)].map(([, name]) => name);
  assert.deepEqual(written.filter((name) => !judged.has(name) && name !== 'line'), []);
});
