import type { ServerResponse } from 'node:http';
import { Controller, Get, Header, Param, Query, Res, UseFilters } from '@nestjs/common';
import type { Story } from 'nestjs-email-tracking/stats';
import { SentMails } from '../mail/sent-mails.js';
import { RecipientParams, SearchQuery } from '../web/params.dto.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { recipientPath } from './format.js';
import { MissingPage } from './missing-page.js';
import { Numbers } from './numbers.js';
import { PageFilter } from './page.filter.js';
import { renderRecipient, renderRecipients } from './recipients.view.js';

const MOST = 100;

/** Finds recipients, and shows what happened to the mails of each. */
@Controller('recipients')
@UseFilters(PageFilter)
export class RecipientsController {
  constructor(
    private readonly numbers: Numbers,
    private readonly sentMails: SentMails,
  ) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async list(
    @Query() { search: given = '' }: SearchQuery,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const search = given.trim();
    if (search.includes('@') && isKnown(await this.storyOf(search))) {
      response.writeHead(303, { Location: recipientPath(search.toLowerCase()) }).end();
      return;
    }
    const recipients = await this.numbers.ask(() => this.sentMails.recipientsFrom(search, MOST));
    response.end(renderRecipients({ search, recipients }));
  }

  @Get(':recipient')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async one(@Param() { recipient }: RecipientParams): Promise<string> {
    const story = await this.storyOf(recipient);
    if (!isKnown(story)) throw new MissingPage('recipient', recipient);
    return renderRecipient(recipient.toLowerCase(), story);
  }

  private storyOf(recipient: string): Promise<Story> {
    return this.numbers.ask((stats) => stats.story({ recipient }));
  }
}

const isKnown = ({ mails, events }: Story): boolean => mails.length + events.length > 0;
