import {
  BadGatewayException,
  Body,
  Controller,
  NotFoundException,
  Param,
  Post,
  ServiceUnavailableException,
} from '@nestjs/common';
import { bareId, SentMails, type StoredMail } from '../mail/sent-mails.js';
import { MessageParams } from '../web/params.dto.js';
import { MachineVisit, type Visit } from './machine-visit.js';
import { ProviderEventDto, VisitDto } from './play.dto.js';
import { ProviderReplay, type ReportName } from './provider-replay.js';

/** Plays what happens to a mail on its way. */
@Controller('api/messages/:messageId')
export class PlayController {
  constructor(
    private readonly mails: SentMails,
    private readonly machines: MachineVisit,
    private readonly provider: ProviderReplay,
  ) {}

  @Post('visits')
  async visit(
    @Param() { messageId }: MessageParams,
    @Body() { machine }: VisitDto,
  ): Promise<Visit> {
    return this.machines.play(await this.mailOf(messageId), machine);
  }

  @Post('provider-events')
  async report(
    @Param() { messageId }: MessageParams,
    @Body() { report }: ProviderEventDto,
  ): Promise<{ report: ReportName }> {
    const status = await this.provider.play(await this.mailOf(messageId), report);
    if (status !== 200) throw new BadGatewayException(`The webhook was answered with ${status}.`);
    return { report };
  }

  private async mailOf(messageId: string): Promise<StoredMail> {
    const mail = await this.mails.find(bareId(messageId)).catch(() => {
      throw new ServiceUnavailableException('The database does not answer. Try again later.');
    });
    if (!mail) throw new NotFoundException('This app has sent no mail of this id.');
    return mail;
  }
}
