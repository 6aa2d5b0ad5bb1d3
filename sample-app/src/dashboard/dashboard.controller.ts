import { Controller, Get, Header, Param, Query, UseFilters } from '@nestjs/common';
import { SuppressionService } from 'nestjs-email-tracking/suppression';
import type { LinkStats, StatsFilter } from 'nestjs-email-tracking/stats';
import { bareId, SentMails, type StoredMail } from '../mail/sent-mails.js';
import { CampaignParams, MessageParams } from '../web/params.dto.js';
import { CampaignQuery, DashboardQuery, NoQuery } from '../web/queries.dto.js';
import { OVERLAY_POLICY, NUMBERS_POLICY } from '../web/security-headers.js';
import { MAILS_A_PAGE, renderCampaign } from './campaign.view.js';
import { CAMPAIGNS_A_PAGE, renderDashboard } from './dashboard.view.js';
import { linksOf } from './links.js';
import { overlayMail } from './mail-overlay.js';
import { renderMessage } from './message.view.js';
import { MissingPage } from './missing-page.js';
import { Numbers } from './numbers.js';
import { PageFilter } from './page.filter.js';
import { periodOf, type Period } from './period.js';

/** Enough for some bursts. */
const LATEST = 60;
const LATEST_SUPPRESSED = 3;

/** The pages with numbers. */
@Controller()
@UseFilters(PageFilter)
export class DashboardController {
  constructor(
    private readonly numbers: Numbers,
    private readonly sentMails: SentMails,
    private readonly suppression: SuppressionService,
  ) {}

  @Get('dashboard')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async dashboard(
    @Query() { page: asked = '1', search = '', sort = 'lastAt', order, ...days }: DashboardQuery,
  ): Promise<string> {
    const period = periodOf(days);
    const page = Number(asked);
    const offset = (page - 1) * CAMPAIGNS_A_PAGE;
    const descending = isDescending(order, sort === 'campaign');
    const [{ totals, points, hours }, campaigns, latest, suppressed] = await Promise.all([
      this.overTime({}, period),
      this.numbers.ask((stats) =>
        stats.campaigns({ search }, { limit: CAMPAIGNS_A_PAGE, offset, sort, descending }),
      ),
      this.numbers.ask((stats) => stats.latest(LATEST)),
      this.numbers.ask(() => this.suppression.list({}, { limit: LATEST_SUPPRESSED })),
    ]);
    return renderDashboard({
      period,
      totals,
      points,
      campaigns,
      latest,
      suppressed,
      search,
      page,
      ...{ hours, sort, isDescending: descending },
    });
  }

  @Get('campaigns/:campaign')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async campaign(
    @Param() { campaign }: CampaignParams,
    @Query()
    { page: asked = '1', search = '', mail, sort = 'recipient', order, ...days }: CampaignQuery,
  ): Promise<string> {
    const period = periodOf(days);
    const page = Number(asked);
    const offset = (page - 1) * MAILS_A_PAGE;
    const descending = isDescending(order, sort === 'recipient');
    const [all, { totals, points, hours }, clicked, mails, subjects] = await Promise.all([
      this.numbers.ask((stats) => stats.totals({ campaign })),
      this.overTime({ campaign }, period),
      this.numbers.ask((stats) => stats.links({ campaign })),
      this.numbers.ask((stats) =>
        stats.mails(
          { campaign, recipient: search },
          { limit: MAILS_A_PAGE, offset, sort, descending },
        ),
      ),
      this.numbers.ask(() => this.sentMails.ofCampaign(campaign)),
    ]);
    if (all.prepared + all.opens.total + all.clicks.total + all.bounces.total === 0) {
      throw new MissingPage('campaign', campaign);
    }
    const shown = subjects.find(({ messageId }) => messageId === mail) ?? subjects[0] ?? null;
    const stored = shown && (await this.numbers.ask(() => this.sentMails.find(shown.messageId)));
    const links = linksOf(stored, clicked);
    return renderCampaign({
      ...{ campaign, period, totals, points, links, subjects, shown, mails, search, page },
      ...{ hours, sort, isDescending: descending },
    });
  }

  @Get('campaigns/:campaign/mail')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', OVERLAY_POLICY)
  async campaignMail(
    @Param() { campaign }: CampaignParams,
    @Query() { mail = '' }: CampaignQuery,
  ): Promise<string> {
    const stored = await this.find(mail);
    if (stored?.campaign !== campaign) throw new MissingPage('mail', mail);
    return this.overlay(stored, { campaign });
  }

  @Get('messages/:messageId')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async message(@Param() params: MessageParams, @Query() _: NoQuery): Promise<string> {
    const messageId = bareId(params.messageId);
    const [story, clicked, mail] = await Promise.all([
      this.numbers.ask((stats) => stats.story({ messageId })),
      this.numbers.ask((stats) => stats.links({ messageId })),
      this.find(messageId),
    ]);
    if (!mail && story.mails.length === 0 && story.events.length === 0) {
      throw new MissingPage('mail', messageId);
    }
    return renderMessage({ messageId, mail, story, links: linksOf(mail, clicked) });
  }

  @Get('messages/:messageId/mail')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', OVERLAY_POLICY)
  async messageMail(@Param() params: MessageParams, @Query() _: NoQuery): Promise<string> {
    const messageId = bareId(params.messageId);
    const stored = await this.find(messageId);
    if (!stored) throw new MissingPage('mail', messageId);
    return this.overlay(stored, { messageId });
  }

  private async overTime(filter: StatsFilter, period: Period) {
    const { from, to, step, timeZone } = period;
    const asked = { ...filter, from, to };
    const [totals, points, hours] = await Promise.all([
      this.numbers.ask((stats) => stats.totals(asked)),
      this.numbers.ask((stats) => stats.series(asked, { step, timeZone })),
      this.numbers.ask((stats) => stats.hours(asked, { timeZone })),
    ]);
    return { totals, points, hours };
  }

  private find(messageId: string): Promise<StoredMail | null> {
    return this.numbers.ask(() => this.sentMails.find(messageId));
  }

  private async overlay(mail: StoredMail, filter: StatsFilter): Promise<string> {
    const clicked: LinkStats[] = await this.numbers.ask((stats) => stats.links(filter));
    return overlayMail(mail, linksOf(mail, clicked));
  }
}

/** Names begin with A, numbers and times with the largest. */
const isDescending = (order: 'up' | 'down' | undefined, isName: boolean): boolean =>
  order === undefined ? !isName : order === 'down';
