import { Module, type DynamicModule } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TrackingModule } from 'nestjs-email-tracking';
import { DashboardModule } from './dashboard/dashboard.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EventsModule } from './events/events.module.js';
import { HealthController } from './health/health.controller.js';
import { InboxModule } from './inbox/inbox.module.js';
import { MailModule } from './mail/mail.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { PageModule } from './page/page.module.js';
import { PlayModule } from './play/play.module.js';
import { PrivacyModule } from './privacy/privacy.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { LISTS, unsubscribeUrlOf } from './lists.js';
import { SettingsModule } from './settings.module.js';
import { addressOf, type Settings } from './settings.js';
import { StatsModule } from './stats/stats.module.js';
import { SuppressionModule } from './suppression/suppression.module.js';

@Module({})
export class AppModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.with(settings),
        DatabaseModule,
        // Events of the package travel through the app's own EventEmitter.
        EventEmitterModule.forRoot(),
        // These URLs are all that the package needs to write links and to answer them: the routes
        // GET /open/<token>, GET /click/<token>, and GET and POST /unsubscribe/<token> come with the
        // module.
        TrackingModule.forRoot({
          baseOpenTrackingUrl: `${settings.publicUrl}/open/`,
          baseClickTrackingUrl: `${settings.publicUrl}/click/`,
          baseUnsubscribeUrl: unsubscribeUrlOf(settings) ?? undefined,
          unsubscribe: { lists: LISTS, contact: `mailto:${addressOf(settings.mailFrom)}` },
          encryptionKey: settings.encryptionKeys,
          // Nobody is asked here, so that there is something to see. An app of your own leaves this out:
          // mails to people who were not asked are anonymous then.
          privacy: { onFailure: { send: 'identified' } },
        }),
        StatsModule,
        SuppressionModule,
        PrivacyModule,
        MailModule,
        InboxModule,
        EventsModule,
        PageModule,
        DashboardModule,
        ReportsModule,
        PlayModule,
        MetricsModule,
      ],
      controllers: [HealthController],
    };
  }
}
