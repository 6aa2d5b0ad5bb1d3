import type { ListHeaders } from '../index.js';
import { isBag, type MailData } from './mail-data.js';
import { headerValues, listUnsubscribeOf, withoutHeader } from './mail-headers.js';

const OURS = ['list-unsubscribe', 'list-unsubscribe-post'];

/** Whether a mail says itself how to leave its list: in a header, or by Nodemailer's `list`. */
export function hasListUnsubscribe(data: MailData): boolean {
  return listUnsubscribeOf(data).some((value) => value.trim() !== '');
}

/**
 * Adds headers to a mail that has no `List-Unsubscribe`. What it has of `List-Unsubscribe-Post` goes,
 * because two of them mean nothing; a `List-Id` of its own stays. The caller's objects are not
 * changed.
 */
export function addListHeaders(data: MailData, headers: ListHeaders): void {
  const { 'List-Unsubscribe': urls, 'List-Id': id, ...post } = headers;
  const added = { 'List-Unsubscribe': onOneLine('List-Unsubscribe', urls), ...post };
  if (id !== undefined && !hasListId(data)) Object.assign(added, { 'List-Id': id });
  data.headers = withHeaders(OURS.reduce(withoutHeader, data.headers), added);
  if (!isBag(data.list)) return;
  const options = Object.entries(data.list).filter(
    ([key]) => !OURS.includes(`list-${nameOf(key)}`),
  );
  data.list = Object.fromEntries(options);
}

/** The longest line of a mail (RFC 5322), without its end. */
const MAX_LINE = 998;

/**
 * A header that Nodemailer does not fold, but that is a text to everybody else. Folding is allowed, but
 * servers are known whose own DKIM signature breaks by it.
 */
class OneLine {
  readonly prepared = true;

  constructor(readonly value: string) {}

  toString(): string {
    return this.value;
  }

  toJSON(): string {
    return this.value;
  }
}

/** What is too long for a line is folded by Nodemailer, where there is a space: URLs have none. */
function onOneLine(name: string, value: string): OneLine | string {
  return `${name}: ${value}`.length > MAX_LINE ? value : new OneLine(value);
}

function hasListId({ headers, list }: MailData): boolean {
  if (headerValues(headers, 'list-id').some((value) => value.trim() !== '')) return true;
  return isBag(list) && Object.entries(list).some(([key, value]) => nameOf(key) === 'id' && value);
}

/** In each form of `headers` that Nodemailer takes. */
function withHeaders(headers: unknown, added: object): unknown {
  const entries: [string, unknown][] = Object.entries(added);
  const asList = entries.map(([key, value]) => ({ key, value }));
  if (Array.isArray(headers)) return [...(headers as unknown[]), ...asList];
  if (!isBag(headers)) return added;
  const isSingle = Boolean(headers.key) && Boolean(headers.value);
  return isSingle ? [headers, ...asList] : { ...headers, ...added };
}

function nameOf(key: string): string {
  return key.trim().toLowerCase();
}
