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
 *
 * Texts, so that every transport can read them. Nodemailer folds them where there is a space, and
 * URLs have none.
 */
export function addListHeaders(data: MailData, headers: ListHeaders): void {
  const { 'List-Id': id, ...needed } = headers;
  const added = id === undefined || hasListId(data) ? needed : { ...needed, 'List-Id': id };
  data.headers = withHeaders(OURS.reduce(withoutHeader, data.headers), added);
  if (!isBag(data.list)) return;
  const options = Object.entries(data.list).filter(
    ([key]) => !OURS.includes(`list-${nameOf(key)}`),
  );
  data.list = Object.fromEntries(options);
}

function hasListId({ headers, list }: MailData): boolean {
  if (headerValues(headers, 'list-id').some((value) => value.trim() !== '')) return true;
  return isBag(list) && Object.entries(list).some(([key, value]) => nameOf(key) === 'id' && value);
}

/** In each form of `headers` that Nodemailer takes. */
function withHeaders(headers: unknown, added: Readonly<Record<string, string>>): unknown {
  const asList = Object.entries(added).map(([key, value]) => ({ key, value }));
  if (Array.isArray(headers)) return [...(headers as unknown[]), ...asList];
  if (!isBag(headers)) return added;
  const isSingle = Boolean(headers.key) && Boolean(headers.value);
  return isSingle ? [headers, ...asList] : { ...headers, ...added };
}

function nameOf(key: string): string {
  return key.trim().toLowerCase();
}
