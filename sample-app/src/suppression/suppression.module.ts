import { Module } from '@nestjs/common';
import { TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { Database } from '../database/database.js';

/**
 * Keeps who must not be written to. The request of a reader who leaves is answered when this database
 * has it.
 */
@Module({
  imports: [
    TrackingSuppressionModule.forRootAsync({
      isGlobal: false,
      inject: [Database],
      useFactory: (client: Database) => ({ client }),
    }),
  ],
  exports: [TrackingSuppressionModule],
})
export class SuppressionModule {}
