import { TrackingError } from '../tracking.error.js';
import { isPlainObject } from '../util/is-object.js';
import type { JsonValue, Metadata } from './link-payload.js';

/**
 * How deep metadata may be nested. Deeper values do not occur in mails, and bounding them keeps
 * every recursive reader and writer away from the end of the stack.
 */
export const MAX_DEPTH = 128;

/**
 * Checks that metadata is what JSON can carry. Members that are `undefined` are left out, as
 * `JSON.stringify` does; everything else that JSON would drop or change is an error.
 *
 * @throws TrackingError `INVALID_METADATA`, naming the place but no value
 */
export function checkMetadata(metadata: unknown): Metadata {
  if (!isPlainObject(metadata)) {
    throw invalid('metadata', 'must be a plain object, for example { customer_id: 1 }');
  }
  return checkObject(metadata, 'metadata', 0);
}

function checkObject(object: Record<string, unknown>, path: string, depth: number): Metadata {
  if (depth > MAX_DEPTH) throw invalid(path, `is nested deeper than ${MAX_DEPTH} levels`);
  let changed = false;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) changed = true;
    else if (checkValue(value, path, key, depth) !== value) changed = true;
  }
  if (!changed) return object as Metadata;
  const kept: Metadata = {};
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value !== undefined) setOwn(kept, key, checkValue(value, path, key, depth));
  }
  return kept;
}

function checkValue(value: unknown, path: string, key: string | number, depth: number): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw invalid(`${path}.${key}`, 'is not a finite number');
    case 'object':
      if (value === null) return value;
      if (Array.isArray(value)) return checkArray(value, `${path}.${key}`, depth + 1);
      if (isPlainObject(value)) return checkObject(value, `${path}.${key}`, depth + 1);
      throw invalid(`${path}.${key}`, 'is a class instance; turn it into a string or plain object');
    default:
      throw invalid(`${path}.${key}`, `is a ${typeof value}, which JSON cannot represent`);
  }
}

function checkArray(array: unknown[], path: string, depth: number): JsonValue[] {
  if (depth > MAX_DEPTH) throw invalid(path, `is nested deeper than ${MAX_DEPTH} levels`);
  let result = array as JsonValue[];
  for (let i = 0; i < array.length; i++) {
    const checked = checkValue(array[i], path, i, depth);
    if (checked === array[i]) continue;
    if (result === array) result = [...(array as JsonValue[])];
    result[i] = checked;
  }
  return result;
}

/** Sets a member even if its name is `__proto__`, which an assignment would take as an order. */
export function setOwn(object: Metadata, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else {
    object[key] = value;
  }
}

function invalid(path: string, problem: string): TrackingError {
  return new TrackingError('INVALID_METADATA', `A link cannot carry this: ${path} ${problem}.`);
}
