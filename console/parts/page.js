// The frame that every page fills: its title, its heading, its state, its voice, and what stands there when it breaks.

import { Component, html, signal, useEffect, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { arrivals } from '../shell/router.js';

/** @typedef {import('../vendor/preact.js').View} View */

/** What broke, if something did. */
export const broken = signal(/** @type {unknown} */ (null));

/** How long a sentence for screen readers has for itself, in milliseconds. */
const PAUSE = 5_000;
let last = -PAUSE;
let waiting = '';
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function speak() {
  timer = undefined;
  last = performance.now();
  const voice = document.getElementById('announcer');
  if (voice) voice.textContent = waiting;
}

/**
 * Says a sentence to screen readers: now, or when the last one has had its time. Of those that wait, the newest is said.
 * @param {string} sentence
 */
export function announce(sentence) {
  waiting = sentence;
  timer ??= setTimeout(speak, Math.max(0, last + PAUSE - performance.now()));
}

/** Arrivals whose heading has had the focus. The first page keeps the browser's own. */
let greeted = 0;

/**
 * @param {object} props
 * @param {string} props.title what the heading says, and the window's title
 * @param {string} [props.tab] what stands before it in the window's title
 * @param {string} [props.state] which of its states the page is in
 * @param {boolean} [props.narrow] one column, for pages with one thing to do
 * @param {View} [props.lead] what stands right under the heading
 * @param {View} [props.children]
 */
export function Page({ title, tab = '', state = 'ready', narrow = false, lead, children }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const arrival = arrivals.value;
  useLayoutEffect(() => { document.title = [tab, title, title === 'Gatelet' ? '' : 'Gatelet'].filter(Boolean).join(' · '); }, [tab, title]);
  // With the page itself: nobody is left for a moment without a place.
  useLayoutEffect(() => {
    if (arrival === greeted) return;
    greeted = arrival;
    heading.current?.focus();
  }, [arrival]);
  return html`
    <main id="main" tabindex="-1" class=${narrow ? 'narrow' : ''} data-state=${state}>
      <div class="head"><h1 ref=${heading} tabindex="-1">${title}</h1>${lead}</div>
      ${children}
    </main>`;
}

/** Nothing for 200 ms, then a sentence; it is also said after two seconds. @param {{ what: string }} props */
export function Wait({ what }) {
  const line = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  useEffect(() => {
    const shown = setTimeout(() => { if (line.current) line.current.hidden = false; }, 200);
    const said = setTimeout(() => announce(what), 2000);
    return () => { clearTimeout(shown); clearTimeout(said); };
  }, [what]);
  return html`<p class="wait" aria-busy="true" data-state="loading" ref=${line} hidden>${what}</p>`;
}

/** Where the console broke, without any value that it had in its hands. @param {unknown} error */
export function report(error) {
  const { name = 'unknown', stack = '' } = error instanceof Error ? error : {};
  const places = stack.match(/[\w./-]+\.js:\d+:\d+/g) ?? [];
  return [`Gatelet console, ${name}`, ...places.slice(0, 12), navigator.userAgent].join('\n');
}

/** The whole page while it is not known which one it will be. Its heading comes with the sentence. @param {{ what: string }} props */
export function Asking({ what }) {
  const late = useSignal(false);
  useEffect(() => {
    const shown = setTimeout(() => { late.value = true; }, 200);
    return () => clearTimeout(shown);
  }, []);
  return html`
    <main id="main" tabindex="-1" class="narrow" aria-busy="true" data-state="loading">
      ${late.value && html`<div class="head"><h1>Gatelet</h1><${Wait} what=${what} /></div>`}
    </main>`;
}

/** Keeps what breaks in a page from taking the rest of the console along. */
export class Boundary extends Component {
  /** @param {unknown} error */
  componentDidCatch(error) {
    broken.value = error;
  }

  render() {
    return this.props.children;
  }
}
