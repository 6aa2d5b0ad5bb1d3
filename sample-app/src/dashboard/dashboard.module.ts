import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { StatsModule } from '../stats/stats.module.js';
import { ChangesController } from './changes.controller.js';
import { Changes } from './changes.js';
import { DashboardController } from './dashboard.controller.js';
import { SuppressionModule } from '../suppression/suppression.module.js';
import { Numbers } from './numbers.js';
import { SuppressedController } from './suppressed.controller.js';

@Module({
  imports: [StatsModule, SuppressionModule, MailModule],
  controllers: [DashboardController, SuppressedController, ChangesController],
  providers: [Numbers, Changes],
})
export class DashboardModule {}
