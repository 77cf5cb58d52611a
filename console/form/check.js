// What is wrong with what was typed, in words, by the keywords that a manifest may use. The gateway has the last word.

import { bytes, count } from '../words/text.js';
import { valueOf } from './fields.js';

/** @typedef {import('./fields.js').Field} Field */
/** @typedef {import('./fields.js').Schema} Schema */

/** @type {Record<string, [(text: string) => boolean, string]>} */
const FORMATS = {
  date: [(text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)), 'is not a date'],
  'date-time': [(text) => /^\d{4}-\d\d-\d\dT.*Z$/.test(text) && !Number.isNaN(Date.parse(text)), 'is not a date with a time'],
  email: [(text) => /^[^\s@]+@[^\s@]+$/.test(text), 'is not an email address'],
  uri: [(text) => URL.canParse(text), 'is not an address such as https://example.com'],
};

/** @param {string} pattern @param {string} text */
function fits(pattern, text) {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}

/** What is wrong with one text or number. @param {Schema} schema @param {any} value @returns {string | null} */
function ofOne(schema, value) {
  const { minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity, pattern, format } = schema;
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'is not a number';
    if (schema.type === 'integer' && !Number.isInteger(value)) return 'is not a whole number';
    if (value < minimum) return `is less than ${count(minimum)}`;
    return value > maximum ? `is more than ${count(maximum)}` : null;
  }
  const length = [...String(value)].length;
  if (length < minLength) return `has ${count(length)} characters; at least ${count(minLength)} are needed`;
  if (length > maxLength) return `has ${count(length)} characters; at most ${count(maxLength)} are taken`;
  if (pattern && !fits(pattern, value)) return 'does not have the form that is asked for';
  return format && FORMATS[format] && !FORMATS[format][0](value) ? FORMATS[format][1] : null;
}

/** @param {Schema} schema @param {any[]} values @returns {string | null} */
function ofMany({ items = {}, minItems = 0, maxItems = Infinity, uniqueItems }, values) {
  if (values.length < minItems) return `at least ${count(minItems)} are needed; you gave ${count(values.length)}`;
  if (values.length > maxItems) return `at most ${count(maxItems)} are taken; you gave ${count(values.length)}`;
  for (const [index, value] of values.entries()) {
    const wrong = ofOne(items, value);
    if (wrong) return `line ${index + 1}, “${value}”, ${wrong}`;
    if (uniqueItems && values.indexOf(value) < index) return `line ${index + 1}, “${value}”, stands there twice`;
  }
  return null;
}

/** @param {Field} field @param {any} typed @returns {string | null} */
export function mistake(field, typed) {
  const { title, required, schema, kind } = field;
  const value = valueOf(field, typed);
  if (value === undefined || (kind === 'tick' && !value && required && schema.const === true)) {
    if (!required) return null;
    return kind === 'file' ? `${title}: choose a file.` : ['radios', 'select', 'ticks'].includes(kind) ? `${title}: choose one.` : `${title}: this is needed.`;
  }
  if (kind === 'file') {
    const most = schema['x-max-bytes'];
    if (value.size === 0) return `${title}: ${value.name} is empty.`;
    return most && value.size > most ? `${title}: ${value.name} has ${bytes(value.size)}; at most ${bytes(most)} are taken.` : null;
  }
  if (Array.isArray(value)) {
    const wrong = ofMany(schema, value);
    return wrong && `${title}: ${wrong}.`;
  }
  const wrong = ['radios', 'select', 'tick', 'fixed'].includes(kind) ? null : ofOne(schema, value);
  return wrong && `${title}: ${schema['x-sensitive'] ? 'this' : `“${String(typed).trim()}”`} ${wrong}.`;
}
