import { Module } from '@nestjs/common';
import { TrackingStatsModule } from 'nestjs-email-tracking/stats';
import { Database } from '../database/database.js';

/** Stores and counts every event. Not global, so that it is shut down before its database. */
@Module({
  imports: [
    TrackingStatsModule.forRootAsync({
      isGlobal: false,
      inject: [Database],
      useFactory: (client: Database) => ({ client }),
    }),
  ],
  exports: [TrackingStatsModule],
})
export class StatsModule {}
