import { Module } from '@nestjs/common';
import { HttpModule, HttpService } from '@nestjs/axios';
import { WebhookSender } from './webhook-sender.js';

/**
 * A module of its own, so that the app's `HttpService` and this one, which must not have the app's
 * interceptors and headers, never take each other's place.
 */
@Module({
  imports: [HttpModule.register({})],
  providers: [
    {
      provide: WebhookSender,
      inject: [HttpService],
      useFactory: (http: HttpService) => new WebhookSender(http.axiosRef),
    },
  ],
  exports: [WebhookSender],
})
export class WebhookModule {}
