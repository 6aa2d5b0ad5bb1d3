import { Module } from '@nestjs/common';
import { TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import { Database } from '../database/database.js';

/**
 * Keeps who agreed to be measured and who was erased. Unsubscribe pages have the button “Stay
 * subscribed, but do not measure me” with it.
 */
@Module({
  imports: [
    TrackingPrivacyModule.forRootAsync({
      isGlobal: false,
      inject: [Database],
      useFactory: (client: Database) => ({ client }),
    }),
  ],
  exports: [TrackingPrivacyModule],
})
export class PrivacyModule {}
