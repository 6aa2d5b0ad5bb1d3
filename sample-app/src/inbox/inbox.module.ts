import { Module } from '@nestjs/common';
import { Inbox } from './inbox.js';
import { InboxController } from './inbox.controller.js';
import { Loopback } from '../web/loopback.js';
import { MailFrameController } from './mail-frame.controller.js';
import { OneClick } from './one-click.js';
import { SmtpServer } from './smtp-server.js';

@Module({
  controllers: [InboxController, MailFrameController],
  providers: [Inbox, Loopback, OneClick, SmtpServer],
  exports: [SmtpServer],
})
export class InboxModule {}
