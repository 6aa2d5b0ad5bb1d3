import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { StoredMail } from '../mail/sent-mails.js';
import { Settings } from '../settings.js';
import { Loopback } from '../web/loopback.js';

/** What a provider can be made to report. */
export const REPORTS = ['delivered', 'bounced', 'complained', 'unsubscribed'] as const;
export type ReportName = (typeof REPORTS)[number];

/** What SendGrid sends, as in its documentation. */
const WORDS: Record<ReportName, object> = {
  delivered: { event: 'delivered', response: '250 2.0.0 OK' },
  bounced: {
    event: 'bounce',
    type: 'bounce',
    status: '5.1.1',
    reason: '550 5.1.1 The email account that you tried to reach does not exist.',
    bounce_classification: 'Invalid Address',
  },
  complained: { event: 'spamreport' },
  unsubscribed: { event: 'unsubscribe' },
};

/** Plays SendGrid: posts the body of its event webhook to this app. */
@Injectable()
export class ProviderReplay {
  constructor(
    private readonly loopback: Loopback,
    private readonly settings: Settings,
  ) {}

  /** @returns the status that the provider would see */
  play(mail: StoredMail, report: ReportName): Promise<number> {
    const body = JSON.stringify([
      {
        email: mail.recipient,
        timestamp: this.timeOf(mail, report),
        'smtp-id': `<${mail.messageId}>`,
        sg_event_id: randomUUID(),
        sg_message_id: `${randomUUID()}.filter0001.1.0`,
        ...WORDS[report],
        // SendGrid returns custom arguments beside its own.
        ...(mail.campaign === null ? {} : { campaign: mail.campaign }),
      },
    ]);
    const credentials = Buffer.from(this.settings.webhookAuth).toString('base64');
    return this.loopback.ask('/anymail/sendgrid/tracking', {
      method: 'POST',
      headers: {
        authorization: `Basic ${credentials}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      body,
    });
  }

  /** In whole seconds. A delivery comes before everything that readers did since. */
  private timeOf(mail: StoredMail, report: ReportName): number {
    const sent = Math.ceil(mail.sentAt.getTime() / 1000);
    return report === 'delivered' ? sent : Math.max(sent, Math.floor(Date.now() / 1000));
  }
}
