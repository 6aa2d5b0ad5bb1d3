import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { People } from '../privacy/person.js';
import { PrivacyModule } from '../privacy/privacy.module.js';
import { StatsModule } from '../stats/stats.module.js';
import { ChangesController } from './changes.controller.js';
import { Changes } from './changes.js';
import { DashboardController } from './dashboard.controller.js';
import { SuppressionModule } from '../suppression/suppression.module.js';
import { Numbers } from './numbers.js';
import { PrivacyController } from './privacy.controller.js';
import { RecipientsController } from './recipients.controller.js';
import { SuppressedController } from './suppressed.controller.js';

@Module({
  imports: [StatsModule, SuppressionModule, PrivacyModule, MailModule],
  controllers: [
    DashboardController,
    RecipientsController,
    SuppressedController,
    PrivacyController,
    ChangesController,
  ],
  providers: [Numbers, Changes, People],
})
export class DashboardModule {}
