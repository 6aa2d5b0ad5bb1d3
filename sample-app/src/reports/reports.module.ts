import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { StatsModule } from '../stats/stats.module.js';
import { Numbers } from '../dashboard/numbers.js';
import { CompareController } from './compare.controller.js';
import { ExportController } from './export.controller.js';
import { ReportsController } from './reports.controller.js';

@Module({
  imports: [StatsModule, MailModule],
  controllers: [ReportsController, CompareController, ExportController],
  providers: [Numbers],
})
export class ReportsModule {}
