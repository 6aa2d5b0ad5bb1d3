import { Module } from '@nestjs/common';
import { Inbox } from './inbox.js';
import { InboxController } from './inbox.controller.js';
import { MailFrameController } from './mail-frame.controller.js';
import { SmtpServer } from './smtp-server.js';

@Module({
  controllers: [InboxController, MailFrameController],
  providers: [Inbox, SmtpServer],
  exports: [SmtpServer],
})
export class InboxModule {}
