import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TrackingService, type Metadata, type RewriteReport } from 'nestjs-email-tracking';
import { domainOf, Settings } from '../settings.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';
import type { SendMailDto } from './send-mail.dto.js';
import { bareId, SentMails } from './sent-mails.js';

export interface SentMail {
  messageId: string;
  report: RewriteReport;
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
    const { to, subject, metadata, textTracking } = mail;
    const content = mail.template ? this.templates.content(mail.template) : undefined;
    // Chosen here rather than by Nodemailer, because it travels inside the links: that is how an
    // event knows the mail it belongs to.
    const messageId = `<${randomUUID()}@${domainOf(this.settings.mailFrom)}>`;

    const sentAt = new Date();
    const { html, text, report } = this.tracking.adaptMessage({
      html: mail.html ?? content?.html,
      text: mail.text ?? content?.text,
      messageId,
      recipient: to,
      metadata,
      textTracking,
    });
    await this.transport.send({ messageId, to, subject, html, text });
    this.sentMails.add({
      messageId: bareId(messageId),
      recipient: to,
      subject,
      campaign: campaignOf(metadata),
      sentAt,
      html: html ?? null,
      links: report.links.filter(({ tracked }) => tracked),
      pixelUrl: report.pixel === 'none' ? null : pixelIn(html ?? '', this.settings.publicUrl),
    });
    return { messageId, report };
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
