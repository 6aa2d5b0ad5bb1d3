import { Controller, Get, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { TrackingStatsService, type TrackingStatsHealth } from 'nestjs-email-tracking/stats';

@Controller('health')
export class HealthController {
  constructor(private readonly stats: TrackingStatsService) {}

  /** Whether links and pixels are answered: they are, whatever the database does. */
  @Get()
  check(): { status: string } {
    return { status: 'ok' };
  }

  /** Whether numbers are written and read. */
  @Get('database')
  async checkDatabase(
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<TrackingStatsHealth> {
    const health = await this.stats.health();
    response.statusCode = health.status === 'up' ? 200 : 503;
    return health;
  }
}
