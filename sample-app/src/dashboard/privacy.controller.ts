import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Post,
  Query,
  ServiceUnavailableException,
  UseFilters,
} from '@nestjs/common';
import { isEmail } from 'class-validator';
import { isTrackingError } from 'nestjs-email-tracking';
import { PrivacyService, type ErasureReport } from 'nestjs-email-tracking/privacy';
import { SentMails } from '../mail/sent-mails.js';
import { People } from '../privacy/person.js';
import { PersonDto } from '../web/params.dto.js';
import { PrivacyQuery } from '../web/queries.dto.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { Changes } from './changes.js';
import { Numbers } from './numbers.js';
import { PageFilter } from './page.filter.js';
import { renderPrivacy } from './privacy.view.js';

const LATEST_RECIPIENTS = 8;
const SOURCE = 'sample app';

/** What a recipient agreed to, and what is kept about them. */
@Controller()
export class PrivacyController {
  constructor(
    private readonly privacy: PrivacyService,
    private readonly people: People,
    private readonly sentMails: SentMails,
    private readonly numbers: Numbers,
    private readonly changes: Changes,
  ) {}

  @Get('privacy')
  @UseFilters(PageFilter)
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async show(@Query() { address: given = '' }: PrivacyQuery): Promise<string> {
    const address = given.trim();
    const isAddress = isEmail(address, { require_tld: false });
    return this.numbers.ask(async () =>
      renderPrivacy({
        asked: address,
        known: isAddress ? await this.people.know(address) : null,
        recipients: isAddress ? [] : await this.sentMails.latestRecipients(LATEST_RECIPIENTS),
      }),
    );
  }

  /** Somebody agrees to be measured. A real app keeps which form said so, and what proves it. */
  @Post('api/privacy/grant')
  @HttpCode(204)
  async grant(@Body() { address }: PersonDto): Promise<void> {
    const notice = 'The button Agree on the page Privacy';
    const all = { opens: 'identified', clicks: 'identified' } as const;
    await this.done(this.privacy.grant(address, { ...all, source: SOURCE, notice }));
  }

  @Post('api/privacy/withdraw')
  @HttpCode(204)
  async withdraw(@Body() { address }: PersonDto): Promise<void> {
    await this.done(this.privacy.withdraw(address, { source: SOURCE }));
  }

  @Post('api/privacy/erase')
  @HttpCode(200)
  erase(@Body() { address }: PersonDto): Promise<ErasureReport> {
    return this.done(this.privacy.erase(address));
  }

  private async done<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      this.changes.announce();
      return result;
    } catch (error) {
      if (isTrackingError(error) && error.code !== 'NOT_STORED') {
        throw new BadRequestException([error.message]);
      }
      throw new ServiceUnavailableException('The database does not answer. Try again later.');
    }
  }
}
