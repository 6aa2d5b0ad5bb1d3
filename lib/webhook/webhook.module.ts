import { Module } from '@nestjs/common';
import { OptionalAxios } from './optional-axios.js';
import { WebhookSender } from './webhook-sender.js';

/** Posts to webhooks, apart from the app's own `HttpService`. */
@Module({
  providers: [
    OptionalAxios,
    {
      provide: WebhookSender,
      inject: [OptionalAxios],
      useFactory: (axios: OptionalAxios) => new WebhookSender(axios),
    },
  ],
  exports: [OptionalAxios, WebhookSender],
})
export class WebhookModule {}
