import { Module } from '@nestjs/common';
import { RECIPIENT_STORE } from 'nestjs-email-tracking';
import { InboxModule } from '../inbox/inbox.module.js';
import { SuppressionModule } from '../suppression/suppression.module.js';
import { MailController } from './mail.controller.js';
import { MailService } from './mail.service.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';
import { SentMails } from './sent-mails.js';
import { SentRecipients } from './sent-recipients.js';

@Module({
  imports: [InboxModule, SuppressionModule],
  controllers: [MailController],
  providers: [
    MailService,
    MailTemplates,
    MailTransport,
    SentMails,
    { provide: RECIPIENT_STORE, useClass: SentRecipients },
  ],
  exports: [MailTemplates, SentMails],
})
export class MailModule {}
