import { randomUUID } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { addressesOf } from './addresses.js';
import { isBag, type MailData } from './mail-data.js';
import { headerValues } from './mail-headers.js';

/** The `Message-ID` that a mail was given, as it is written on the wire: in angle brackets. */
export function givenMessageId(data: MailData): string | null {
  const [inHeaders] = headerValues(data.headers, 'message-id');
  const given = typeof data.messageId === 'string' && data.messageId ? data.messageId : inHeaders;
  const id = given?.replace(/\r?\n|\r/g, ' ').trim();
  if (!id) return null;
  return `${id.startsWith('<') ? '' : '<'}${id}${id.endsWith('>') ? '' : '>'}`;
}

/** A `Message-ID` at the sender's domain, as Nodemailer makes them. */
export function makeMessageId(data: MailData): string {
  const sender = addressesOf(senderOf(data))?.[0] ?? '';
  const domain = domainToASCII(sender.slice(sender.lastIndexOf('@') + 1));
  return `<${randomUUID()}@${domain || 'localhost'}>`;
}

/**
 * Who gets this mail, if that is one address for certain. An `envelope` says it before the fields
 * do, as it does on the wire.
 */
export function singleRecipient(data: MailData): string | undefined {
  const { envelope } = data;
  const fields = ['to', 'cc', 'bcc'] as const;
  const addresses = addressesOf(
    isBag(envelope)
      ? fields.map((field) => envelope[field])
      : fields.map((field) => data[field] || headerValues(data.headers, field)),
  );
  const different = [...new Set(addresses)];
  return different.length === 1 ? different[0] : undefined;
}

function senderOf({ envelope, from, headers }: MailData): unknown {
  if (isBag(envelope) && envelope.from) return envelope.from;
  return from || headerValues(headers, 'from');
}
