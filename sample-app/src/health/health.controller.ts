import { Controller, Get, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { TrackingStatsService, type TrackingStatsHealth } from 'nestjs-email-tracking/stats';

@Controller('health')
export class HealthController {
  constructor(private readonly stats: TrackingStatsService) {}

  /** Answers `ok` while the app runs: links and pixels need no database. */
  @Get()
  check(): { status: string } {
    return { status: 'ok' };
  }

  /** Answers 503 while the database cannot be written or read. */
  @Get('database')
  async checkDatabase(
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<TrackingStatsHealth> {
    const health = await this.stats.health();
    response.statusCode = health.status === 'up' ? 200 : 503;
    return health;
  }
}
