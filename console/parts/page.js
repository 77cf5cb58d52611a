// The frame that every page fills: its title, its heading, its state, and what stands there when it breaks.

import { Component, html, signal, useEffect, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { announce } from '../shell/announce.js';
import { arrivals } from '../shell/router.js';

/** @typedef {import('../vendor/preact.js').View} View */

/** What broke, if something did. */
export const broken = signal(/** @type {unknown} */ (null));

/** Arrivals whose heading has had the focus. The first page keeps the browser's own. */
let greeted = 0;

/**
 * @param {object} props
 * @param {string} props.title what the heading says, and the window's title
 * @param {string} [props.state] which of its states the page is in
 * @param {boolean} [props.narrow] one column, for pages with one thing to do
 * @param {View} [props.lead] what stands right under the heading
 * @param {View} [props.children]
 */
export function Page({ title, state = 'ready', narrow = false, lead, children }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  const arrival = arrivals.value;
  useLayoutEffect(() => { document.title = title === 'Gatelet' ? title : `${title} · Gatelet`; }, [title]);
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
