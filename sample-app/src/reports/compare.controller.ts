import { BadRequestException, Controller, Get, Header, Query, UseFilters } from '@nestjs/common';
import { Numbers } from '../dashboard/numbers.js';
import { PageFilter } from '../dashboard/page.filter.js';
import { CompareQuery } from '../web/queries.dto.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { renderCompare } from './compare.view.js';

/** How many campaigns one can choose from without writing their names. */
const KNOWN = 12;
const MOST = 5;

@Controller()
@UseFilters(PageFilter)
export class CompareController {
  constructor(private readonly numbers: Numbers) {}

  @Get('compare')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async compare(
    @Query() { campaign = [], metric = 'click', split }: CompareQuery,
  ): Promise<string> {
    const chosen = [...new Set([campaign].flat())];
    if (chosen.length > MOST) throw new BadRequestException(['choose five campaigns at the most']);
    const isEven = split === 'even';
    const [{ campaigns }, comparison] = await Promise.all([
      this.numbers.ask((stats) => stats.campaigns({}, { limit: KNOWN })),
      chosen.length < 2
        ? null
        : this.numbers.ask((stats) =>
            stats.compare(
              chosen.map((one) => ({ campaign: one })),
              { metric, ...(!isEven && { split: null }) },
            ),
          ),
    ]);
    const known = campaigns.map((one) => one.campaign);
    return renderCompare({ chosen, known, metric, isEven, comparison });
  }
}
