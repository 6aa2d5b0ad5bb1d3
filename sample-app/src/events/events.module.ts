import { Module } from '@nestjs/common';
import { RECIPIENT_STORE } from 'nestjs-email-tracking';
import { EventLog } from './event-log.js';
import { EventRecipients } from './event-recipients.js';
import { EventsController } from './events.controller.js';

@Module({
  controllers: [EventsController],
  providers: [EventLog, { provide: RECIPIENT_STORE, useClass: EventRecipients }],
})
export class EventsModule {}
