import {
  BadGatewayException,
  BadRequestException,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  ServiceUnavailableException,
} from '@nestjs/common';
import { Inbox, type MailContent, type MailSummary } from './inbox.js';
import { OneClick } from './one-click.js';

@Controller('api/inbox')
export class InboxController {
  constructor(
    private readonly inbox: Inbox,
    private readonly oneClick: OneClick,
  ) {}

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

  /** Presses “Unsubscribe”, as Gmail and others show it beside the sender. */
  @Post(':id/unsubscribe')
  @HttpCode(204)
  async unsubscribe(@Param('id') id: string): Promise<void> {
    const status = await this.oneClick.press(this.read(id).headers);
    if (status === 200) return;
    if (status === null) throw new BadRequestException('This mail has no one-click unsubscribe.');
    if (status === 503) {
      throw new ServiceUnavailableException('The wish could not be stored. Try again later.');
    }
    throw new BadGatewayException(`The unsubscribe link was answered with ${status}.`);
  }
}
