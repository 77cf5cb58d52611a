// The checks themselves: each finds the fault that it is for, on a page made of faults.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Axe } from './axe.mjs';
import { Browser } from './browser.mjs';
import { tabs } from './keyboard.mjs';
import { fits, forced, printed, reachable, spaced, still } from './layout.mjs';
import { listen, masked } from './names.mjs';

let browser;
before(async () => { browser = await Browser.launch(); });
after(() => browser?.close());

/** A page of its own with this body and style. */
async function on(body, style, play) {
  const person = await browser.person();
  try {
    const page = await person.newPage();
    await page.setContent(`<!doctype html><html lang="en"><title>Faults</title><style>
      :focus-visible { outline: 2px solid black } .unedged { border: 0; background: gray } ${style}</style>
      <main><h1>Faults</h1>${body}</main>`);
    return await play(page);
  } finally {
    await person.close();
  }
}

const finds = (name, body, style, check, fault) => test(name, async () => {
  const found = await on(body, style, check);
  assert.ok(found.some((line) => fault.test(line)), `in vain: ${JSON.stringify(found)}`);
});

const axe = async (page) => {
  const beside = await Axe.beside(page);
  return beside.findings();
};
const way = tabs;
const narrow = (page) => fits(page, 320, 640);

finds('axe finds a field without a label', '<input>', '', axe, /^label at input/);
finds('axe finds grey on grey', '<p>Can you read this?</p>', 'p { color: #999; background: #aaa }', axe, /^color-contrast at p/);
finds('axe says what it cannot decide', '<p>Can you read this?</p>', 'p { background-image: linear-gradient(white, black) }', axe, /^undecided: color-contrast/);
finds('the walk finds a focus that is not shown', '<button>One</button><button id="b">Two</button>', '#b { outline: none }', way, /“Two” has no outline/);
finds('the walk finds a ring that cannot be seen', '<button>One</button>', 'button { outline-color: #eee !important; }', way, /ring has a contrast of 1\.2/);
finds('the walk finds a focus that is covered', '<button>One</button>', 'main::after { content: ""; position: fixed; inset: 0; background: white }', way, /“One” is covered/);
finds('the walk finds an order that is not the document’s', '<button>One</button><button tabindex="1">Two</button>', '', way, /“Two” jumps the queue/);
finds('the walk finds an order that goes up the page', '<div><button>One</button><button>Two</button></div>', 'div { display: flex; flex-direction: column-reverse }', way, /stop 2 stands above stop 1/);
finds('the walk finds a trap', '<button>One</button><input onkeydown="if (event.key === \'Tab\') event.preventDefault()"><button>Two</button>', '', way, /^Tab goes/);
finds('the walk finds what Tab does not reach', '<button>One</button><details open><summary onfocus="this.blur()">Two</summary></details>', '', way, /goes/);
finds('a page that is too wide is found', '<p>Wide</p>', 'p { width: 400px }', narrow, /400|wide/);
finds('a text that its box cuts off is found', '<p>Much too long for so small a box</p>', 'p { width: 60px; height: 20px; overflow: hidden }', narrow, /cut off/);
finds('a text that large spacing pushes out is found', '<p>What a narrow page this is</p>', 'p { white-space: nowrap; width: max-content; font: 20px monospace; }', spaced, /^spaced: /);
finds('a small target is found', '<button>x</button>', 'button { width: 20px; height: 20px; padding: 0 }', reachable, /20 × 20 px/);
finds('a button without an edge is found', '<button class="unedged">One</button>', '', forced, /“One” has no edge/);
finds('a drawing with a colour of its own is found', '<svg width="9" height="9"><path fill="#123456" d="M0 0h9v9z"/></svg>', 'svg { forced-color-adjust: none }', forced, /<path> is not painted/);
finds('a movement that goes on is found', '<p>Turning</p>', '@keyframes turn { to { rotate: 1turn } } p { animation: turn 1s infinite }', still, /turn runs on <p>/);
finds('a transition is found', '<p>Fading</p>', 'p { color: light-dark(red, blue); color-scheme: light dark; transition: color 9s }', still, /color runs on <p>/);
finds('a navigation on paper is found', '<nav>Away</nav>', '', printed, /<nav class=""> is printed/);

test('a sound page passes every check', async () => {
  const body = `<p>One two three</p><button>One</button> <a href="/two">Two</a>
    <label><input type="radio" name="r"> A</label> <label><input type="radio" name="r"> B</label>`;
  const style = 'button, input { min-width: 24px; min-height: 24px; border: 1px solid; background: white; color: black }';
  const found = await on(body, style, async (page) => {
    const lines = [];
    for (const check of [axe, narrow, spaced, reachable, forced, still, printed, way]) lines.push(...await check(page));
    return lines;
  });
  assert.deepEqual(found, []);
});

test('what live regions say is heard once each, in order', async () => {
  const person = await browser.person();
  const heard = await listen(person);
  const page = await person.newPage();
  await page.goto('about:blank');
  await page.setContent('<main><p role="status"></p><p role="alert"></p></main>');
  for (const [role, text] of [['status', 'Loading'], ['alert', 'Gone'], ['status', 'Loading'], ['status', 'Here']]) {
    await page.evaluate(([where, words]) => { document.querySelector(`[role=${where}]`).textContent = words; }, [role, text]);
  }
  await page.evaluate(() => undefined);
  assert.deepEqual(heard, ['status: Loading', 'alert: Gone', 'status: Here']);
  await person.close();
});

test('what differs from run to run is masked, and nothing else', () => {
  assert.equal(masked('Ends 22 Nov 2026, 12:04:07 +01:00 (in 29 minutes), trace 4bf92f3577b34da6a3ce929d0e0e4736'), 'Ends ‹time› (‹distance›), trace ‹id›');
  assert.equal(masked('2 sessions, 5 roles'), '2 sessions, 5 roles');
});
