import { generateKeyPairSync } from 'node:crypto';
import type { TrackingOptions } from 'nestjs-email-tracking';
import { trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import nodemailer from 'nodemailer';
import { examineMail } from '../../lib/doctor/examine-mail.js';
import { mailPartsOf } from '../../lib/doctor/mail-parts.js';
import { TrackingDoctor } from '../../lib/doctor/tracking-doctor.js';
import { OptionsResolver } from '../../lib/options/resolve.js';
import { validateOptions } from '../../lib/options/validate.js';
import { KEY } from '../support/app.js';
import { serviceWith } from '../support/service.js';

export const OPTIONS: TrackingOptions = {
  baseOpenTrackingUrl: 'https://t.example.com/open/',
  baseClickTrackingUrl: 'https://t.example.com/click/',
  baseUnsubscribeUrl: 'https://t.example.com/leave/',
  encryptionKey: KEY,
};
export const service = serviceWith(OPTIONS);

/** What is known of the configuration, with changes. */
export function partsFor(changes: TrackingOptions = {}, now?: () => number) {
  const resolver = new OptionsResolver(validateOptions({ ...OPTIONS, ...changes }), now);
  return mailPartsOf(resolver.base, resolver.unsubscribeLinks());
}

export const PARTS = partsFor();

export const doctor = new TrackingDoctor(new OptionsResolver(validateOptions(OPTIONS)));

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
export const DKIM = {
  domainName: 'example.com',
  keySelector: 'one',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

const LONG_QUERY = 'x'.repeat(150);
export const MAIL = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Sale',
  html:
    `<p>Hi Ann, see <a href="https://www.example.com/sale?a=1&amp;b=${LONG_QUERY}">our sale</a> or ` +
    '<a href="https://shop.example.net/">shop.example.net</a>.</p>' +
    '<a data-unsubscribe href="https://www.example.com/account">Leave</a>',
  text: 'Our sale: https://www.example.com/sale\nLeave: https://www.example.com/account',
};
const LIST = { recipient: 'ann@example.com', list: 'news' };

/** Sends a mail as the product does: rewritten, with the headers of its list, signed. */
export async function healthyMail(changes: object = {}): Promise<string> {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, dkim: DKIM });
  transport.use('compile', trackingPlugin(service, { unsubscribe: { list: 'news' } }));
  return messageOf(await transport.sendMail({ ...MAIL, ...changes }));
}

/** The parts of the healthy mail, as the product rewrites them. */
export function adapted(changes: { html?: string; text?: string } = {}) {
  const { recipient, list } = LIST;
  const parts = { html: MAIL.html, text: MAIL.text, ...changes };
  const { html, text } = service.adaptMessage({ ...parts, recipient, unsubscribe: { list } });
  return { html: html!, text: text! };
}

/** Sends parts that are rewritten already, with changes to what the product would send. */
export async function sent(parts: { html?: string; text?: string }, changes: object = {}) {
  const headerFieldNames = 'From:To:Subject:List-Unsubscribe:List-Unsubscribe-Post';
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true });
  const { html, ...rest } = MAIL;
  void html;
  return messageOf(
    await transport.sendMail({
      ...rest,
      headers: service.getListHeaders(LIST) as never,
      dkim: { ...DKIM, headerFieldNames },
      ...parts,
      ...changes,
    }),
  );
}

function messageOf(info: object): string {
  return (info as { message: Buffer }).message.toString('latin1');
}

export async function examine(raw: string, parts = PARTS) {
  return (await examineMail(Buffer.from(raw, 'latin1'), parts)).findings;
}

/** The codes of what is found. */
export async function codesOf(raw: string, parts = PARTS): Promise<string[]> {
  return (await examine(raw, parts)).map(({ code }) => code);
}

/** Replaces the URLs of the links in HTML. */
export function withLinks(html: string, replace: (url: string) => string): string {
  return html.replace(/(<a\b[^>]*? href=")([^"]*)/g, (_, tag: string, url: string) => {
    const wrapped = replace(url.replaceAll('&amp;', '&'));
    return tag + wrapped.replaceAll('&', '&amp;');
  });
}
