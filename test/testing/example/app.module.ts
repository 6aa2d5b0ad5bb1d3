// app.module.ts
import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TrackingModule } from 'nestjs-email-tracking';
import { Audience } from './audience.js';

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      baseOpenTrackingUrl: 'https://t.example.com/open/',
      baseClickTrackingUrl: 'https://t.example.com/click/',
      encryptionKey: process.env.TRACKING_ENCRYPTION_KEY ?? Buffer.alloc(32, 7).toString('base64'),
    }),
  ],
  providers: [Audience],
})
export class AppModule {}
