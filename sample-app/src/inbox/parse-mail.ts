import { simpleParser, type HeaderValue } from 'mailparser';
import type { ReceivedMail } from './inbox.js';

/** Turns the bytes that came over SMTP into what the inbox shows. */
export async function parseMail(source: Buffer, recipients: string[]): Promise<ReceivedMail> {
  // The inbox shows each part as it was sent, so none is made up from the other.
  const mail = await simpleParser(source, { skipTextToHtml: true, skipHtmlToText: true });
  const to = [mail.to ?? []].flat().map(({ text }) => text);
  return {
    messageId: mail.messageId ?? null,
    to: (to.length > 0 ? to : recipients).join(', '),
    subject: mail.subject ?? '',
    date: mail.date ?? new Date(),
    html: mail.html || null,
    text: mail.text || null,
    headers: readHeaders(mail.headers, mail.headerLines),
  };
}

/** Decoded where that gives one string; else (dates, parameters) as the line was written. */
function readHeaders(
  headers: ReadonlyMap<string, HeaderValue>,
  lines: readonly { key: string; line: string }[],
): Record<string, string> {
  const entries = lines.map(({ key, line }): [string, string] => {
    const value = headers.get(key);
    if (typeof value === 'string') return [key, value];
    if (typeof value === 'object' && 'text' in value) return [key, value.text];
    return [
      key,
      line
        .slice(line.indexOf(':') + 1)
        .replace(/\s+/g, ' ')
        .trim(),
    ];
  });
  return Object.fromEntries(entries);
}
