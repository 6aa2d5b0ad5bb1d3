import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { Inbox, type MailContent, type MailSummary } from './inbox.js';

@Controller('api/inbox')
export class InboxController {
  constructor(private readonly inbox: Inbox) {}

  @Get()
  list(): MailSummary[] {
    return this.inbox.list();
  }

  @Get(':id')
  read(@Param('id') id: string): MailContent {
    const mail = this.inbox.find(id);
    if (!mail) throw new NotFoundException('No mail of this id is in the inbox.');
    return mail;
  }
}
