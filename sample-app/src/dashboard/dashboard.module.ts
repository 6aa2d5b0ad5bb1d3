import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { StatsModule } from '../stats/stats.module.js';
import { ChangesController } from './changes.controller.js';
import { Changes } from './changes.js';
import { DashboardController } from './dashboard.controller.js';
import { Numbers } from './numbers.js';

@Module({
  imports: [StatsModule, MailModule],
  controllers: [DashboardController, ChangesController],
  providers: [Numbers, Changes],
})
export class DashboardModule {}
