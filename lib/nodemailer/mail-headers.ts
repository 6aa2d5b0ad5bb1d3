import { isBag, type MailData } from './mail-data.js';

/**
 * The values that a mail's `headers` give to one name, in any form that Nodemailer takes:
 * `{ name: value }`, `[{ key, value }]`, `{ key, value }`; a value may be a list, or an object with
 * a `value`.
 *
 * @param name in lower case
 */
export function headerValues(headers: unknown, name: string): string[] {
  return givenValues(headers, name).flatMap(textsOf);
}

/** The same, before they are made texts: an address may be an object. */
export function givenValues(headers: unknown, name: string): unknown[] {
  return entriesOf(headers)
    .filter(([key]) => isNamed(key, name))
    .map(([, value]) => value);
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

/** Whether one of these values of `Content-Type` names a character set other than UTF-8. */
export function isDeclaredOtherwise(contentTypes: readonly string[]): boolean {
  return contentTypes.some((value) => {
    const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(value)?.[1]?.toLowerCase();
    return charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset);
  });
}

/**
 * What a mail says in `List-Unsubscribe` (RFC 2369, RFC 8058): the values of the header, and the
 * URLs of the option `list`, as Nodemailer writes them. A reader who leaves must not be counted.
 */
export function listUnsubscribeOf(data: MailData): string[] {
  const { list } = data;
  const given = isBag(list)
    ? Object.entries(list).filter(([key]) => key.trim().toLowerCase() === 'unsubscribe')
    : [];
  return [
    ...headerValues(data.headers, 'list-unsubscribe'),
    ...given.flatMap(([, value]) => urlsOf(value)),
  ];
}

const X_TRACK = 'x-track';
const X_TRACK_VALUES = ['none', 'opens', 'clicks'];

/** What a mail's own header leaves of the tracking. */
export interface XTrack {
  opens: boolean;
  clicks: boolean;
  /** Whether a value was none of those that are known. */
  isUnknown: boolean;
}

/**
 * Reads `X-Track` and takes it off the mail. It only ever switches off: several values leave what
 * all of them allow, and an unknown one leaves nothing, because its author wanted less tracking.
 */
export function takeXTrack(data: MailData): XTrack {
  const values = headerValues(data.headers, X_TRACK)
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== '');
  data.headers = withoutHeader(data.headers, X_TRACK);
  return {
    opens: values.every((value) => value === 'opens'),
    clicks: values.every((value) => value === 'clicks'),
    isUnknown: values.some((value) => !X_TRACK_VALUES.includes(value)),
  };
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

function urlsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(urlsOf);
  if (isBag(value)) return urlsOf(value.url);
  return typeof value === 'string' && value.trim() !== '' ? [`<${withScheme(value)}>`] : [];
}

function withScheme(value: string): string {
  const url = value.replace(/[\s<>]+/g, '');
  if (/^(?:https?|mailto|ftp):/.test(url)) return url;
  return /^[^@]+@[^@]+$/.test(url) ? `mailto:${url}` : `http://${url}`;
}
