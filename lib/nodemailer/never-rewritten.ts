import { addressesOf } from './addresses.js';
import { type Bag, isBag, listOf, type MailData } from './mail-data.js';
import { headerValues, mediaTypeOf } from './mail-headers.js';
import type { NotTrackedReason } from './tracking-outcome.js';

/**
 * Why this kind of mail is never rewritten: its bytes are somebody else's, or a program reads it.
 * Only what can be told without reading its parts.
 */
export function reasonAgainst(data: MailData): NotTrackedReason | undefined {
  if ([data, data.html, data.text].some((value) => isBag(value) && Boolean(value.raw))) {
    return 'raw';
  }
  const byType = headerValues(data.headers, 'content-type')
    .map((value) => BY_CONTENT_TYPE[mediaTypeOf(value)])
    .find((reason) => reason !== undefined);
  if (byType !== undefined) return byType;
  const types = [...listOf(data.attachments), ...listOf(data.alternatives)]
    .filter(isBag)
    .map(typeOfPart);
  if (data.icalEvent || types.some((type) => CALENDARS.includes(type))) return 'calendar';
  if (types.some((type) => type.startsWith('message/'))) return 'attached-message';
  if (headerValues(data.headers, 'auto-submitted').some(isAutomatic)) return 'auto-submitted';
  if (isBag(data.envelope) && hasNoSender(data.envelope)) return 'null-sender';
  return undefined;
}

const KINDS: readonly NotTrackedReason[] = [
  'raw',
  'signed',
  'report',
  'calendar',
  'attached-message',
  'auto-submitted',
  'null-sender',
];

/** Whether a mail was left alone because of its kind, and so gets no headers either. */
export function isNeverRewritten(reason: NotTrackedReason): boolean {
  return KINDS.includes(reason);
}

const BY_CONTENT_TYPE: Readonly<Record<string, NotTrackedReason>> = {
  'multipart/signed': 'signed',
  'multipart/encrypted': 'signed',
  'multipart/report': 'report',
  'application/pkcs7-mime': 'signed',
  // What S/MIME was called before RFC 3851, and still is by some.
  'application/x-pkcs7-mime': 'signed',
};

const CALENDARS = ['text/calendar', 'application/ics'];

/** What Nodemailer makes of a name, for the types that matter here. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  ics: 'text/calendar',
  eml: 'message/rfc822',
  mht: 'message/rfc822',
  mhtml: 'message/rfc822',
  nws: 'message/rfc822',
  mime: 'message/rfc822',
};

function typeOfPart(part: Bag): string {
  if (typeof part.contentType === 'string') return mediaTypeOf(part.contentType);
  const location = [part.path, part.href].find(Boolean);
  const inData = typeof location === 'string' ? /^data:([^;,]*)/i.exec(location)?.[1] : undefined;
  if (inData) return inData.trim().toLowerCase();
  const name = [part.filename, location].find(Boolean);
  if (typeof name !== 'string') return '';
  const extension = /\.([^./\\]+)$/.exec(name.split('?', 1)[0]!)?.[1] ?? '';
  return BY_EXTENSION[extension.trim().toLowerCase()] ?? '';
}

/** Comments and parameters may surround the keyword (RFC 3834, section 5). */
function isAutomatic(value: string): boolean {
  const keyword = value
    .replace(/\([^()]*\)/g, '')
    .split(';', 1)[0]!
    .trim()
    .toLowerCase();
  return keyword !== '' && keyword !== 'no';
}

/** Without an address there, Nodemailer sends `MAIL FROM:<>`: the mail is a bounce or a report. */
function hasNoSender({ from }: Bag): boolean {
  if (!from) return true;
  const addresses = addressesOf(from);
  return addresses !== undefined && addresses.length === 0;
}
