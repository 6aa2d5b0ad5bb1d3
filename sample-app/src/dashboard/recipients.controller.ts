import type { ServerResponse } from 'node:http';
import { Controller, Get, Header, Param, Query, Res, UseFilters } from '@nestjs/common';
import { RecipientParams } from '../web/params.dto.js';
import { NoQuery, RecipientsQuery } from '../web/queries.dto.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { recipientPath } from './format.js';
import { MissingPage } from './missing-page.js';
import { Numbers } from './numbers.js';
import { PageFilter } from './page.filter.js';
import { renderRecipient, renderRecipients, type KnownRecipient } from './recipients.view.js';

const RECIPIENTS_A_PAGE = 25;

/** Finds recipients, and shows what happened to the mails of each. */
@Controller('recipients')
@UseFilters(PageFilter)
export class RecipientsController {
  constructor(private readonly numbers: Numbers) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async list(
    @Query() { search: given = '', after }: RecipientsQuery,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const search = given.trim();
    if (search.includes('@') && (await this.know(search))) {
      response.writeHead(303, { Location: recipientPath(search.toLowerCase()) }).end();
      return;
    }
    const segment = await this.numbers.ask((stats) =>
      stats.segment(
        { recipient: search || undefined, withSuppressed: true },
        { limit: RECIPIENTS_A_PAGE, after },
      ),
    );
    response.end(renderRecipients(segment, search));
  }

  @Get(':recipient')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async one(@Param() { recipient }: RecipientParams, @Query() _: NoQuery): Promise<string> {
    const known = await this.know(recipient);
    if (!known) throw new MissingPage('recipient', recipient);
    return renderRecipient(recipient.toLowerCase(), known);
  }

  /** What is known of a recipient; null if nothing is. */
  private async know(recipient: string): Promise<KnownRecipient | null> {
    const [story, seen] = await Promise.all([
      this.numbers.ask((stats) => stats.story({ recipient })),
      this.numbers.ask((stats) => stats.lastSeen(recipient)),
    ]);
    const isKnown = story.mails.length + story.events.length > 0 || seen !== null;
    return isKnown ? { story, seen } : null;
  }
}
