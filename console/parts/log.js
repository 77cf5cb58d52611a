// Lines of a log as text that the browser itself finds, copies and scrolls: blocks of lines, of which it paints those in view.

import { html, useEffect, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { count, counted } from '../words/text.js';
import { clockExact, zone } from '../words/time.js';

/** @typedef {import('../shell/live.js').Line} Line */

/** How many lines are a block, and how many blocks are shown at first. */
const [BLOCK, FIRST] = [500, 2];

/** @param {Line} line */
const written = ({ at, source, text }) => `${clockExact(at)} ${source.padEnd(7)} ${text}`;

/** A block. One that is full is not written again. @param {{ lines: Line[], from: number, to: number }} props */
function Block({ lines, from, to }) {
  const kept = useRef({ to: -1, text: '' }).current;
  if (kept.to !== to) Object.assign(kept, { to, text: lines.slice(from, to).map(written).join('\n') });
  return html`<pre class="lines">${kept.text}</pre>`;
}

/**
 * @param {object} props
 * @param {Line[]} props.lines
 * @param {number} props.total how many there are now
 * @param {boolean} props.live whether more may come
 */
export function Log({ lines, total, live }) {
  const all = useSignal(false);
  const seen = useSignal(0);
  const end = useRef(/** @type {HTMLElement | null} */ (null));
  const isAtEnd = useRef(false);
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => {
      // Whoever has not scrolled looks at what stands above.
      isAtEnd.current = entry.isIntersecting && scrollY > 0;
      if (entry.isIntersecting) seen.value = total;
    });
    if (end.current) watch.observe(end.current);
    return () => watch.disconnect();
  }, [total]);
  useLayoutEffect(() => {
    if (live && isAtEnd.current) end.current?.scrollIntoView({ block: 'end' });
  }, [total]);
  const blocks = Math.ceil(total / BLOCK);
  const first = all.value ? 0 : Math.max(0, blocks - FIRST);
  const missed = total - seen.value;
  return html`
    <p class="meta">${counted(total, 'line')}, times in ${zone(lines[0]?.at ?? 0)}.</p>
    ${first > 0 && html`<div class="actions"><button type="button" onClick=${() => { all.value = true; }}>Show ${count(first * BLOCK)} earlier lines</button></div>`}
    <div class="log">${Array.from({ length: blocks - first }, (_, at) => {
      const from = (first + at) * BLOCK;
      return html`<${Block} key=${from} lines=${lines} from=${from} to=${Math.min(total, from + BLOCK)} />`;
    })}</div>
    ${live && seen.value > 0 && missed > 0 && html`
      <div class="behind"><button type="button" onClick=${() => end.current?.scrollIntoView({ block: 'end' })}>${counted(missed, 'new line')}</button></div>`}
    <span ref=${end}></span>`;
}
