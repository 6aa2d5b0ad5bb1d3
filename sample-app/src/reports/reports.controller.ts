import { BadRequestException, Controller, Get, Header, Query, UseFilters } from '@nestjs/common';
import { linksOf } from '../dashboard/links.js';
import { Numbers } from '../dashboard/numbers.js';
import { PageFilter } from '../dashboard/page.filter.js';
import { periodOrAll } from '../dashboard/period.js';
import { bareId, SentMails } from '../mail/sent-mails.js';
import {
  BouncesQuery,
  ClickersQuery,
  DomainsQuery,
  EventsQuery,
  LinksQuery,
  SegmentQuery,
} from '../web/queries.dto.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { BOUNCES_A_PAGE, renderBounces } from './bounces.view.js';
import { CLICKERS_A_PAGE, renderClickers } from './clickers.view.js';
import { renderDomains } from './domains.view.js';
import { EVENTS_A_PAGE, renderEvents } from './events.view.js';
import {
  bouncesFilter,
  clickersFilter,
  domainsFilter,
  eventsFilter,
  keptOf,
  segmentFilter,
} from './filters.js';
import { renderAllLinks } from './links.view.js';
import { MEMBERS_A_PAGE, renderSegments } from './segments.view.js';

/** The lists behind the numbers. Their filters are in their addresses. */
@Controller()
@UseFilters(PageFilter)
export class ReportsController {
  constructor(
    private readonly numbers: Numbers,
    private readonly sentMails: SentMails,
  ) {}

  @Get('events')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async events(@Query() { page, ...query }: EventsQuery): Promise<string> {
    const at = placeOf(page, EVENTS_A_PAGE);
    const filter = eventsFilter(query);
    const list = await this.numbers.ask((stats) => stats.events(filter, at.range));
    return renderEvents({ ...pageOf(query, at), list });
  }

  @Get('bounces')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async bounces(@Query() { page, ...query }: BouncesQuery): Promise<string> {
    const at = placeOf(page, BOUNCES_A_PAGE);
    const filter = bouncesFilter(query);
    const list = await this.numbers.ask((stats) => stats.bounces(filter, at.range));
    return renderBounces({ ...pageOf(query, at), list });
  }

  @Get('clickers')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async clickers(@Query() { page, ...query }: ClickersQuery): Promise<string> {
    const at = placeOf(page, CLICKERS_A_PAGE);
    const filter = clickersFilter(query);
    const isAsked = (filter.campaign ?? filter.messageId ?? filter.url) !== undefined;
    const list = isAsked
      ? await this.numbers.ask((stats) => stats.clickers(filter, at.range))
      : null;
    return renderClickers({ ...pageOf(query, at), list });
  }

  @Get('domains')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async domains(@Query() { page = '1', ...query }: DomainsQuery): Promise<string> {
    const list = await this.numbers.ask((stats) => stats.domains(domainsFilter(query)));
    const { sort = 'mails', order = sort === 'domain' ? 'up' : 'down' } = query;
    return renderDomains({
      ...pageOf(query, { page: Number(page) }),
      ...{ list, sort, isDescending: order === 'down' },
    });
  }

  @Get('links')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async links(
    @Query() { page = '1', campaign, mail, sort = 'place', order }: LinksQuery,
  ): Promise<string> {
    if (!isOneGiven(campaign, mail)) throw new BadRequestException(['name a campaign or a mail']);
    const clicked = await this.numbers.ask((stats) => stats.links({ campaign, messageId: mail }));
    const stored = await this.numbers.ask(() =>
      mail === undefined ? this.sentMails.latestOf(campaign!) : this.sentMails.find(bareId(mail)),
    );
    const isDescending = order === undefined ? sort !== 'place' : order === 'down';
    return renderAllLinks({
      ...{ links: linksOf(stored, clicked), mails: { campaign, mail } },
      ...{ page: Number(page), sort, isDescending },
    });
  }

  @Get('segments')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async segments(@Query() { after, ...query }: SegmentQuery): Promise<string> {
    const filter = segmentFilter(query);
    const segment = await this.numbers.ask((stats) =>
      stats.segment(filter, { limit: MEMBERS_A_PAGE, after }),
    );
    return renderSegments(segment, keptOf(query));
  }
}

function isOneGiven(...names: (string | undefined)[]): boolean {
  return names.filter((name) => name !== undefined).length === 1;
}

function placeOf(asked = '1', limit: number) {
  const page = Number(asked);
  return { page, range: { limit, offset: (page - 1) * limit } };
}

const pageOf = (query: object, { page }: { page: number }) => ({
  ...{ query: keptOf(query), page },
  period: periodOrAll(query),
});
