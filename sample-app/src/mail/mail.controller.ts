import { BadRequestException, Body, Controller, Post, UseFilters } from '@nestjs/common';
import { MailService, type SentMail } from './mail.service.js';
import { SendMailDto } from './send-mail.dto.js';
import { TrackingErrorFilter } from './tracking-error.filter.js';

@Controller('api/messages')
@UseFilters(TrackingErrorFilter)
export class MailController {
  constructor(private readonly mail: MailService) {}

  /** Rewrites a mail so that it is tracked, and sends it. */
  @Post()
  send(@Body() mail: SendMailDto): Promise<SentMail> {
    // A rule about several fields together does not fit on any one of them.
    if (!mail.html && !mail.text && !mail.template) {
      throw new BadRequestException(['one of html, text and template must be given']);
    }
    return this.mail.send(mail);
  }
}
