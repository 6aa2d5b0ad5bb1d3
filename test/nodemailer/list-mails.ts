import type { TrackingOptions } from 'nestjs-email-tracking';
import type { TrackingPluginDefaults } from 'nestjs-email-tracking/nodemailer';
import { serviceFor } from '../support/service.js';
import type { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

export const OPTIONS: TrackingOptions = {
  baseUnsubscribeUrl: 'https://t.example.com/leave/',
  unsubscribe: { lists: { news: { title: 'News' } }, contact: 'mailto:help@example.com' },
};
export const MAIL = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Hi',
  html:
    '<a href="https://www.example.com/sale">Sale</a>' +
    '<a data-unsubscribe href="https://www.example.com/account">Leave</a>',
};
export const NEWS = { unsubscribe: { list: 'news' } };

/** Composes mails of a list, and reads what their headers say. */
export class ListMails {
  readonly service = serviceFor(OPTIONS);
  readonly composer: Composer;

  constructor(createTransport: (typeof NODEMAILERS)[number][1]) {
    this.composer = new Composer(createTransport, this.service);
  }

  send = async (mail: object, defaults: TrackingPluginDefaults = NEWS, from = this.composer) => {
    const { raw, parsed, outcomes } = await from.compose(mail, defaults);
    const headers = fieldsOf(raw, 'list-unsubscribe');
    const url = /<(https:[^\s>]*\/leave\/[^\s>]*)>/.exec(headers[0] ?? '')?.[1];
    return {
      raw,
      html: parsed.html || '',
      messageId: parsed.messageId,
      headers,
      post: fieldsOf(raw, 'list-unsubscribe-post'),
      ids: fieldsOf(raw, 'list-id'),
      leaving: url === undefined ? undefined : this.service.getUnsubscribeResult(url),
      outcome: outcomes[0],
    };
  };
}

/** The fields of a raw mail as they are written: folded. */
export function fieldsOf(raw: string, name: string): string[] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  return head.split(/\r\n(?![ \t])/).filter((field) => field.toLowerCase().startsWith(`${name}:`));
}
