import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

/** A reader that collects when it is told to. */
export function memoryReader(): PeriodicExportingMetricReader {
  return new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
}

/** Returns the numbers now, such as `{ 'hits{purpose=open}': 1 }`; of histograms their counts. */
export async function collected(
  reader: MetricReader,
  prefix = '',
): Promise<Record<string, number>> {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      (dataPoints as DataPoint<unknown>[]).map(({ attributes, value }) => {
        const labels = Object.entries(attributes)
          .map(([label, text]) => `${label}=${String(text)}`)
          .toSorted();
        const name = descriptor.name.replace('email_tracking.', '');
        const count = typeof value === 'number' ? value : (value as { count: number }).count;
        return [labels.length > 0 ? `${name}{${labels.join(',')}}` : name, count] as const;
      }),
    ),
  );
  return Object.fromEntries(all.filter(([name]) => name.startsWith(prefix)));
}

/** The real SDK for metrics, as one part of it. */
export class Metrics {
  private readonly reader = memoryReader();
  private readonly provider = new MeterProvider({ readers: [this.reader] });
  readonly meter = this.provider.getMeter('nestjs-email-tracking');

  numbers(prefix?: string): Promise<Record<string, number>> {
    return collected(this.reader, prefix);
  }

  stop(): Promise<void> {
    return this.provider.shutdown();
  }
}
