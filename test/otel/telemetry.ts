import { type INestApplication } from '@nestjs/common';
import { context, metrics, propagation, SpanKind, trace } from '@opentelemetry/api';
import { type PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { until } from '../support/until.js';
import { collected, memoryReader } from './metrics.js';

/** The real SDK, set as the global one as an app does it, with what it exports in memory. */
export class Telemetry {
  private readonly spans = new InMemorySpanExporter();
  private readonly reader: PeriodicExportingMetricReader = memoryReader();
  private readonly sdk = new NodeSDK({
    autoDetectResources: false,
    instrumentations: [],
    spanProcessors: [new SimpleSpanProcessor(this.spans)],
    metricReaders: [this.reader],
  });

  static start(): Telemetry {
    const telemetry = new Telemetry();
    telemetry.sdk.start();
    return telemetry;
  }

  /** Puts a server span around each request, as the HTTP instrumentation does. */
  instrument(app: INestApplication): void {
    const tracer = trace.getTracer('http');
    type End = { on: (event: string, listener: () => void) => void };
    app.use((_: unknown, response: End, next: () => void) => {
      const span = tracer.startSpan('server', { kind: SpanKind.SERVER });
      response.on('finish', () => span.end());
      context.with(trace.setSpan(context.active(), span), next);
    });
  }

  /** Waits for so many spans of a name, and returns them. */
  async named(name: string, count = 1): Promise<ReadableSpan[]> {
    const found = () => this.spans.getFinishedSpans().filter((span) => span.name === name);
    await until(() => found().length >= count, `${count} spans named ${name}`);
    return found();
  }

  numbers(prefix?: string): Promise<Record<string, number>> {
    return collected(this.reader, prefix);
  }

  forget(): void {
    this.spans.reset();
  }

  async stop(): Promise<void> {
    await this.sdk.shutdown();
    // What is global stays until it is told to go.
    for (const api of [trace, context, metrics, propagation]) api.disable();
  }
}

/** The ids of the spans that a span is linked to. */
export function linkedTo({ links }: ReadableSpan): string[] {
  return links.map(({ context: { traceId, spanId } }) => `${traceId} ${spanId}`);
}

export function idOf(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  return `${traceId} ${spanId}`;
}
