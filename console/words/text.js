// What the gateway says, as text and as nothing else: an object never reaches the view, where it could be taken for an
// element. And how amounts are written.

/** @param {unknown} value @returns {string} */
export function text(value) {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(text).join(' ');
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/**
 * The same facts with these members as text.
 * @template {object} T
 * @param {T} facts
 * @param {(keyof T)[]} names
 * @returns {T}
 */
export function read(facts, ...names) {
  return { ...facts, ...Object.fromEntries(names.map((name) => [name, text(facts[name])])) };
}

/** Who asked for a run: a person or a schedule. @param {{ by: { name: string | null, schedule: string | null } }} run */
export const asker = ({ by }) => (by.schedule ? `schedule ${text(by.schedule)}` : text(by.name) || 'somebody');

/** "1,204". @param {number} value */
export const count = (value) => new Intl.NumberFormat().format(value);

/** "3 runs", "1 run". @param {number} value @param {string} one @param {string} [many] */
export const counted = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** "4.9 MB". @param {number} value */
export function bytes(value) {
  if (value < 1000) return counted(value, 'byte');
  const [size, unit] = value < 1e6 ? [value / 1e3, 'KB'] : [value / 1e6, 'MB'];
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: size < 10 ? 1 : 0 }).format(size)} ${unit}`;
}

/** "65 %", or nothing where the whole is not known. @param {{ done: number, of?: number | null } | null | undefined} progress */
export const percent = (progress) => (progress?.of ? `${Math.min(100, Math.floor((100 * progress.done) / progress.of))} %` : '');
