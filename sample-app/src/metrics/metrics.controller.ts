import { Controller, Get, Header, Query, UseFilters } from '@nestjs/common';
import { PageFilter } from '../dashboard/page.filter.js';
import { NoQuery } from '../web/queries.dto.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { Meters } from './meters.js';
import { renderMetrics } from './metrics.view.js';

/** The app's own metrics, for Prometheus and for people. */
@Controller()
export class MetricsController {
  constructor(private readonly meters: Meters) {}

  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  scrape(): Promise<string> {
    return this.meters.scrape();
  }

  @Get('dashboard/metrics')
  @UseFilters(PageFilter)
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async show(@Query() _: NoQuery): Promise<string> {
    return renderMetrics(await this.meters.read());
  }
}
