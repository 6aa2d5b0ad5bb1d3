import { parseJson } from './parse-json.js';

/** Parses JSON in a field, as providers return metadata; `undefined` if it is not JSON. */
export function jsonField(value: unknown): unknown {
  if (typeof value !== 'string' || value === '') return undefined;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}
