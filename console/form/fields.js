// The fields of a form, read from the schema of an automation's inputs, and the inputs, read from what was typed.

/**
 * What a manifest may say about an input. `gatelet check` refuses every other keyword.
 * @typedef {object} Schema
 * @property {string} [type]
 * @property {string} [title]
 * @property {string} [description]
 * @property {string[]} [required]
 * @property {Record<string, Schema>} [properties]
 * @property {(string | number)[]} [enum]
 * @property {string | number | boolean} [const]
 * @property {unknown} [default]
 * @property {number} [minLength]
 * @property {number} [maxLength]
 * @property {string} [pattern]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {string} [format]
 * @property {Schema} [items]
 * @property {number} [minItems]
 * @property {number} [maxItems]
 * @property {boolean} [uniqueItems]
 * @property {Schema[]} [oneOf]
 * @property {string} [contentMediaType]
 * @property {number} [x-order]
 * @property {string} [x-unit]
 * @property {boolean} [x-sensitive]
 * @property {string} [x-sample]
 * @property {number} [x-max-bytes]
 * @property {string} [x-widget]
 */
/** @typedef {'line' | 'area' | 'number' | 'date' | 'datetime' | 'tick' | 'radios' | 'select' | 'ticks' | 'lines' | 'file' | 'group' | 'fixed'} FieldKind */
/** @typedef {{ value: string | number | boolean, title: string }} Option */
/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} pointer where it stands in the body that is sent (RFC 6901)
 * @property {string} title
 * @property {boolean} required
 * @property {Schema} schema
 * @property {FieldKind} kind
 * @property {Option[]} options
 * @property {Field[]} inner
 */
/** What was typed, by the pointer of its field. @typedef {Record<string, any>} Typed */

/** The most options that stand side by side. More of them go into a list. */
const FEW = 5;

/** @param {Schema} schema @returns {Option[]} */
function options({ enum: values, oneOf, items }) {
  if (oneOf) return oneOf.map((one) => ({ value: one.const ?? '', title: one.title ?? String(one.const) }));
  return (values ?? items?.enum ?? []).map((value) => ({ value, title: String(value) }));
}

/** @param {Schema} schema @param {number} count @returns {FieldKind} */
function kindOf(schema, count) {
  const { type, format, 'x-widget': widget } = schema;
  if (schema.contentMediaType) return 'file';
  if (schema.const !== undefined) return 'fixed';
  if (type === 'array') return count > 0 ? 'ticks' : 'lines';
  if (count > 0) return widget === 'select' || (count > FEW && widget !== 'radios') ? 'select' : 'radios';
  if (type === 'object') return 'group';
  if (type === 'boolean') return 'tick';
  if (type === 'integer' || type === 'number') return 'number';
  if (format === 'date') return 'date';
  if (format === 'date-time') return 'datetime';
  return widget === 'textarea' ? 'area' : 'line';
}

/** The fields of an object's schema, in their order. @param {Schema} schema @param {string} [pointer] @returns {Field[]} */
export function fieldsOf(schema, pointer = '/inputs') {
  const all = Object.entries(schema.properties ?? {}).map(([name, inner]) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const known = options(inner);
    return {
      name, pointer: at, title: inner.title ?? name, required: (schema.required ?? []).includes(name), schema: inner,
      kind: kindOf(inner, known.length), options: known, inner: fieldsOf(inner, at),
    };
  });
  const order = (/** @type {Field} */ { schema: { 'x-order': place = Infinity } }) => place;
  return all.sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
}

/** Every field that takes something. @param {Field[]} fields @returns {Field[]} */
export const leaves = (fields) => fields.flatMap((field) => (field.kind === 'group' ? leaves(field.inner) : field));

/** "2026-11-22 12:04" in the zone of whoever types. @param {string} text */
function local(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? '' : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace('T', ' ');
}

/** A moment that was typed in one's own zone; what is none stays as it is. @param {string} text */
function moment(text) {
  const at = Date.parse(text.replace(' ', 'T'));
  return /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text) && !Number.isNaN(at) ? new Date(at).toISOString() : text;
}

/** How a value stands in its field. @param {Field} field @param {any} value */
function shown({ kind, inner }, value) {
  if (kind === 'ticks') return Array.isArray(value) ? value.map(String) : [];
  if (kind === 'lines') return Array.isArray(value) ? value.join('\n') : '';
  if (kind === 'tick') return value === true;
  if (kind === 'datetime') return local(String(value ?? ''));
  if (kind === 'file') return null;
  return value === undefined || value === null || inner.length > 0 ? '' : String(value);
}

/**
 * What stands in the fields at first: these inputs, or what the schema says.
 * @param {Field[]} fields
 * @param {any} [inputs]
 * @returns {Typed}
 */
export function filled(fields, inputs) {
  return Object.fromEntries(fields.flatMap((field) => {
    const given = inputs?.[field.name];
    if (field.kind === 'group') return Object.entries(filled(field.inner, given));
    return [[field.pointer, shown(field, given === undefined ? field.schema.default : given)]];
  }));
}

/** The value of one field, or nothing where nothing was typed. @param {Field} field @param {any} raw @returns {any} */
export function valueOf({ kind, options: known, schema }, raw) {
  if (kind === 'fixed') return schema.const;
  if (kind === 'tick') return raw === true;
  if (kind === 'ticks') return raw.length > 0 ? known.filter(({ value }) => raw.includes(String(value))).map(({ value }) => value) : undefined;
  if (kind === 'radios' || kind === 'select') return known.find(({ value }) => String(value) === raw)?.value;
  if (kind === 'file') return raw ?? undefined;
  const text = String(raw ?? '').trim();
  if (text === '') return undefined;
  const number = (/** @type {string} */ part) => (/^[-+]?\d+([.,]\d+)?$/.test(part) ? Number(part.replace(',', '.')) : NaN);
  if (kind === 'number') return number(text);
  if (kind === 'datetime') return moment(text);
  if (kind !== 'lines') return schema['x-sensitive'] ? String(raw) : text;
  const lines = text.split('\n').map((line) => line.trim()).filter(Boolean);
  return ['integer', 'number'].includes(schema.items?.type ?? '') ? lines.map(number) : lines;
}

/** All inputs. @param {Field[]} fields @param {Typed} typed @returns {Record<string, any> | undefined} */
export function inputsOf(fields, typed) {
  const pairs = fields.map((field) => [field.name, field.kind === 'group' ? inputsOf(field.inner, typed) : valueOf(field, typed[field.pointer])]);
  const given = pairs.filter(([, value]) => value !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}
