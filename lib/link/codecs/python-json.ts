import { TrackingError } from '../../tracking.error.js';
import { MAX_DEPTH } from '../json-value.js';
import type { JsonValue } from '../link-payload.js';

/**
 * JSON as Python's `json.dumps` writes it, byte for byte: `", "` and `": "` between items, ASCII
 * only, doubles in the shortest form of `repr`. Where JavaScript cannot know (1 or 1.0) it writes
 * the integer.
 *
 * @throws TrackingError `INVALID_METADATA` for what JSON has no word for
 */
export function toPythonJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return number(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return array(value);
      return object(value);
    default:
      throw new TrackingError('INVALID_METADATA', `A link cannot carry a ${typeof value}.`);
  }
}

function array(items: JsonValue[]): string {
  let json = '[';
  for (let i = 0; i < items.length; i++) json += (i > 0 ? ', ' : '') + toPythonJson(items[i]!);
  return `${json}]`;
}

function object(value: Record<string, JsonValue>): string {
  let json = '{';
  for (const key of Object.keys(value)) {
    // Readers refuse it: a handler that copies metadata would take it as an order.
    if (key === '__proto__') {
      throw new TrackingError('INVALID_METADATA', 'A link cannot carry a key named __proto__.');
    }
    json += `${json.length > 1 ? ', ' : ''}${quote(key)}: ${toPythonJson(value[key]!)}`;
  }
  return `${json}}`;
}

/** JSON.stringify escapes what must be; Python also escapes 0x7f and all that is not ASCII. */
function quote(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(EACH_NOT_ASCII, escape);
}

/** All but printable ASCII, and the two characters that JSON escapes among it. */
const NEEDS_ESCAPE = /[^ !#-[\]-~]/;
const EACH_NOT_ASCII = /[\u007f-\uffff]/g;

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function number(value: number): string {
  if (!Number.isFinite(value)) {
    throw new TrackingError('INVALID_METADATA', 'A link cannot carry NaN or Infinity.');
  }
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isInteger(value)) {
    return Math.abs(value) < 1e21 ? String(value) : exponential(value);
  }
  // Python turns to the exponent form below 1e-4, JavaScript below 1e-6.
  return Math.abs(value) < 1e-4 ? exponential(value) : String(value);
}

/** `repr` of a double in exponent form: a sign, and at least two digits. */
function exponential(value: number): string {
  return value
    .toExponential()
    .replace(
      /e([+-])(\d+)$/,
      (_, sign: string, digits: string) => `e${sign}${digits.padStart(2, '0')}`,
    );
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the JSON of a link.
 *
 * @returns `undefined` for what is no JSON, and for what no sender would make: anyone can write a
 *   `plain` link, and it is stopped here, before it meets a handler that copies it member by member,
 *   or a writer that recurses
 */
export function fromPythonJson(bytes: Uint8Array): JsonValue | undefined {
  try {
    const data = JSON.parse(UTF8.decode(bytes)) as JsonValue;
    return isHarmless(data, 0) ? data : undefined;
  } catch {
    return undefined;
  }
}

function isHarmless(value: JsonValue, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isHarmless(item, depth + 1));
  for (const key in value) {
    if (key === '__proto__') return false;
    if (!isHarmless(value[key]!, depth + 1)) return false;
  }
  return true;
}
