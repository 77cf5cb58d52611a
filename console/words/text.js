// What the gateway says, as text and as nothing else: an object never reaches the view, where it could be taken for an element.

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
