import { parseJson } from './parse-json.js';

/** JSON that stands in a field, as providers hand metadata back; `undefined` where there is none. */
export function jsonField(value: unknown): unknown {
  if (typeof value !== 'string' || value === '') return undefined;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}
