import { Module } from '@nestjs/common';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { MailModule } from '../mail/mail.module.js';
import { Settings } from '../settings.js';
import { Loopback } from '../web/loopback.js';
import { MachineVisit } from './machine-visit.js';
import { PlayController } from './play.controller.js';
import { ProviderReplay } from './provider-replay.js';

/** Receives a provider's webhooks, and plays the provider and the machines. */
@Module({
  imports: [
    MailModule,
    // POST /anymail/sendgrid/tracking: its events are published like those of our own links.
    EspTrackingModule.forRootAsync({
      inject: [Settings],
      useFactory: ({ webhookAuth, publicUrl }: Settings) => ({
        basicAuth: webhookAuth,
        publicUrl,
        providers: { sendgrid: {} },
      }),
    }),
  ],
  controllers: [PlayController],
  providers: [Loopback, MachineVisit, ProviderReplay],
})
export class PlayModule {}
