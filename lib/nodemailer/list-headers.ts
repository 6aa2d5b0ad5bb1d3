import type { ListHeaders } from '../index.js';
import { isBag, type MailData } from './mail-data.js';
import { headerValues, listUnsubscribeOf, withoutHeader } from './mail-headers.js';

const OURS = ['list-unsubscribe', 'list-unsubscribe-post'];

/** Whether a mail says itself how to leave its list: in a header, or by Nodemailer's `list`. */
export function hasListUnsubscribe(data: MailData): boolean {
  return listUnsubscribeOf(data).some((value) => value.trim() !== '');
}

/**
 * Adds headers to a mail that has no `List-Unsubscribe`. Removes a `List-Unsubscribe-Post` of its
 * own, because two of them mean nothing, and keeps a `List-Id` of its own. The caller's objects are
 * not changed.
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
 * A header that Nodemailer does not fold; for everybody else it is a string. Folding is allowed, but
 * the DKIM signatures of some servers do not match a folded header.
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

/** Returns a value that Nodemailer folds only if it is too long, at spaces: URLs have none. */
function onOneLine(name: string, value: string): OneLine | string {
  return `${name}: ${value}`.length > MAX_LINE ? value : new OneLine(value);
}

function hasListId({ headers, list }: MailData): boolean {
  if (headerValues(headers, 'list-id').some((value) => value.trim() !== '')) return true;
  return isBag(list) && Object.entries(list).some(([key, value]) => nameOf(key) === 'id' && value);
}

/** Adds headers to `headers`, whichever of Nodemailer's forms it has. */
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
