import { randomUUID } from 'node:crypto';
import { BadRequestException, Injectable } from '@nestjs/common';
import { TrackingService, type Metadata, type RewriteReport } from 'nestjs-email-tracking';
import { type ListName, unsubscribeUrlOf } from '../lists.js';
import { domainOf, Settings } from '../settings.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';
import type { SendMailDto } from './send-mail.dto.js';
import { bareId, SentMails } from './sent-mails.js';

export interface SentMail {
  messageId: string;
  /** Null for a mail that has nothing to track. */
  report: RewriteReport | null;
}

@Injectable()
export class MailService {
  constructor(
    private readonly tracking: TrackingService,
    private readonly templates: MailTemplates,
    private readonly transport: MailTransport,
    private readonly sentMails: SentMails,
    private readonly settings: Settings,
  ) {}

  async send(mail: SendMailDto): Promise<SentMail> {
    const { to, subject, metadata, textTracking, list, privacy = 'identified' } = mail;
    const content = mail.template ? this.templates.content(mail.template) : undefined;
    if (list && unsubscribeUrlOf(this.settings) === null) {
      throw new BadRequestException(['list needs a PUBLIC_URL that begins with https://']);
    }
    // Nodemailer's plugin would send a mail with such metadata untracked; here, its sender is told.
    this.tracking.adaptMessage({ metadata });
    // Chosen here rather than by Nodemailer, because `sentMails` needs it, too.
    const domain = domainOf(this.settings.mailFrom);
    const messageId = `<${randomUUID()}@${domain}>`;

    const sentAt = new Date();
    const text = mail.text ?? content?.text;
    const { outcome, html } = await this.transport.send(
      {
        messageId,
        to,
        subject,
        html: mail.html ?? content?.html,
        text: text?.replaceAll('{{unsubscribe}}', this.leave(to, messageId, list)),
      },
      {
        metadata,
        textTracking,
        privacy: { opens: privacy, clicks: privacy },
        // Puts List-Unsubscribe on the mail, and the URL into `<a data-unsubscribe>`.
        ...(list && {
          unsubscribe: { list, listId: `${list}.${domain}` },
          requireUnsubscribe: true,
        }),
      },
    );
    const report = outcome.tracked ? outcome.report : null;
    this.sentMails.add({
      messageId: bareId(messageId),
      recipient: to,
      subject,
      campaign: campaignOf(metadata),
      privacy,
      sentAt,
      html: html ?? null,
      links: report?.links.filter(({ tracked }) => tracked) ?? [],
      pixelUrl: report?.pixel === 'none' ? null : pixelIn(html ?? '', this.settings.publicUrl),
    });
    return { messageId, report };
  }

  /** Where the text part says that one can leave; a page of the sender's for a mail of no list. */
  private leave(recipient: string, messageId: string, list?: ListName): string {
    return list
      ? this.tracking.getUnsubscribeUrl({ recipient, list, messageId })
      : `${this.settings.publicUrl}/site/unsubscribe`;
  }
}

/** The campaign as the store reads it: text or a number. */
function campaignOf(metadata: Metadata | undefined): string | null {
  const campaign = metadata?.campaign;
  return typeof campaign === 'string' || typeof campaign === 'number' ? String(campaign) : null;
}

function pixelIn(html: string, publicUrl: string): string | null {
  const start = html.lastIndexOf(`${publicUrl}/open/`);
  return start < 0 ? null : (/^[^"'\s>]+/.exec(html.slice(start))?.[0] ?? null);
}
