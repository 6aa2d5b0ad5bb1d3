import { isBag, type MailData } from './mail-data.js';
import { headerValues } from './mail-headers.js';

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
