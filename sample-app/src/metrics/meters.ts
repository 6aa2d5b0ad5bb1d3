import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** What this process measures, by OpenTelemetry. It is read on the app's own port, so none is opened. */
@Injectable()
export class Meters implements OnApplicationShutdown {
  private readonly reader = new PrometheusExporter({ preventServerStart: true });
  private readonly provider = new MeterProvider({ readers: [this.reader] });
  private readonly serializer = new PrometheusSerializer();
  readonly meter = this.provider.getMeter('nestjs-email-tracking');

  /** Everything, as Prometheus reads it. */
  async scrape(): Promise<string> {
    return this.serializer.serialize(await this.collect());
  }

  /** The metrics that have numbers. */
  async read(): Promise<MetricData[]> {
    const { scopeMetrics } = await this.collect();
    return scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  onApplicationShutdown(): Promise<void> {
    return this.provider.shutdown();
  }

  private async collect(): Promise<ResourceMetrics> {
    return (await this.reader.collect()).resourceMetrics;
  }
}
