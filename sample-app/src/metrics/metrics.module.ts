import { Module } from '@nestjs/common';
import { TrackingOtelModule } from 'nestjs-email-tracking/otel';
import { Numbers } from '../dashboard/numbers.js';
import { StatsModule } from '../stats/stats.module.js';
import { Meters } from './meters.js';
import { MetricsController } from './metrics.controller.js';

@Module({ providers: [Meters], exports: [Meters] })
class MetersModule {}

/** Measures what the package does, and shows it. */
@Module({
  imports: [
    MetersModule,
    StatsModule,
    TrackingOtelModule.forRootAsync({
      imports: [MetersModule],
      inject: [Meters],
      useFactory: ({ meter }: Meters) => ({ meter }),
    }),
  ],
  controllers: [MetricsController],
  providers: [Numbers],
})
export class MetricsModule {}
