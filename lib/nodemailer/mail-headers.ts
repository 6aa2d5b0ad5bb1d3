import { isBag } from './mail-data.js';

/**
 * The values that a mail's `headers` give to one name, in any form that Nodemailer takes:
 * `{ name: value }`, `[{ key, value }]`, `{ key, value }`; a value may be a list, or an object with
 * a `value`.
 *
 * @param name in lower case
 */
export function headerValues(headers: unknown, name: string): string[] {
  return entriesOf(headers)
    .filter(([key]) => isNamed(key, name))
    .flatMap(([, value]) => textsOf(value));
}

/**
 * The same headers without one name. The caller's object is never changed: it may be sent again.
 *
 * @param name in lower case
 */
export function withoutHeader(headers: unknown, name: string): unknown {
  if (!entriesOf(headers).some(([key]) => isNamed(key, name))) return headers;
  if (Array.isArray(headers)) {
    return headers.filter((item) => !(isBag(item) && isNamed(item.key, name)));
  }
  if (isSingle(headers)) return {};
  return Object.fromEntries(entriesOf(headers).filter(([key]) => !isNamed(key, name)));
}

/** The media type of a `Content-Type` in lower case, without its parameters. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}

function entriesOf(headers: unknown): [key: unknown, value: unknown][] {
  if (Array.isArray(headers)) {
    return headers.filter(isBag).map(({ key, value }) => [key, value]);
  }
  if (isSingle(headers)) return [[headers.key, headers.value]];
  return isBag(headers) ? Object.entries(headers) : [];
}

function isSingle(headers: unknown): headers is { key: unknown; value: unknown } {
  return isBag(headers) && Boolean(headers.key) && Boolean(headers.value);
}

function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.trim().toLowerCase() === name;
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  return isBag(value) && 'value' in value ? textsOf(value.value) : [];
}
