import {
  ConfigurableModuleBuilder,
  Inject,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { type Meter, metrics, trace, type Tracer } from '@opentelemetry/api';
import { type HitMessage, TRACKING_CHANNELS } from '../util/diagnostics.js';
import { findProviders } from '../util/find-provider.js';
import { GAUGE_SOURCE, type GaugeSource } from '../util/gauges.js';
import { TRACKING_SPANS } from '../util/spans.js';
import { ChannelMetrics } from './channel-metrics.js';
import { observeGauges } from './gauge-metrics.js';
import { FORMATS, makeInstruments } from './instruments.js';
import { OtelSpans } from './otel-spans.js';
import { closed } from './tally.js';

/** Options of `TrackingOtelModule`. */
export interface TrackingOtelOptions {
  /**
   * Makes the instruments.
   *
   * @default the meter `nestjs-email-tracking` of the global provider
   */
  meter?: Meter;

  /**
   * Makes the spans of requests to webhooks, and of the handlers that workers of the queue run.
   *
   * @default the tracer `nestjs-email-tracking` of the global provider
   */
  tracer?: Tracer;
}

/** The name of meter and tracer. */
const SCOPE = 'nestjs-email-tracking';

/** How long it measures after an app begins to close: other modules end later, and are collected after that. */
const LINGER_MS = 60_000;

/** What ends the measuring of a closed app. */
const lingering = new WeakMap<Meter, () => void>();

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<TrackingOtelOptions>({
    moduleName: 'nestjs-email-tracking/otel',
    optionsInjectionToken: 'nestjs-email-tracking:otel-options',
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTrackingOtelOptions')
    .build();

/** Options of `TrackingOtelModule.forRootAsync()`. */
export type TrackingOtelAsyncOptions = ConfigurableModuleAsyncOptions<
  TrackingOtelOptions,
  'createTrackingOtelOptions'
>;

/**
 * Makes OpenTelemetry metrics of what this package does, and says on the active span of a request what kind
 * of hit it is. Import it once in a process: it counts all apps of the process.
 *
 * @example
 * ```ts
 * @Module({ imports: [TrackingModule.forRoot(options), TrackingOtelModule.forRoot()] })
 * export class AppModule {}
 * ```
 */
@Module({})
export class TrackingOtelModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  private readonly meter: Meter;
  private readonly ends: (() => void)[];

  /** @internal */
  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: TrackingOtelOptions,
    @Inject(DiscoveryService) discovery: DiscoveryService,
  ) {
    super();
    this.meter = options.meter ?? metrics.getMeter(SCOPE);
    lingering.get(this.meter)?.();
    const sources = () => findProviders(discovery, GAUGE_SOURCE) as GaugeSource[];
    const counted = new ChannelMetrics(makeInstruments(this.meter));
    const flush = () => counted.flush();
    this.ends = [...subscribeTo(counted), observeGauges(this.meter, sources, flush), flush];
  }

  /** Registers the module with options known now. */
  static override forRoot(options: TrackingOtelOptions = {}): DynamicModule {
    return complete(super.forRoot(options));
  }

  /** Registers the module with options from a factory. */
  static override forRootAsync(options: TrackingOtelAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options));
  }

  /** @internal */
  onApplicationShutdown(): void {
    const end = () => {
      clearTimeout(timer);
      lingering.delete(this.meter);
      for (const each of this.ends) each();
    };
    const timer = setTimeout(end, LINGER_MS).unref();
    lingering.set(this.meter, end);
  }
}

function complete(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    imports: [DiscoveryModule, ...(definition.imports ?? [])],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: TRACKING_SPANS,
        inject: [MODULE_OPTIONS_TOKEN],
        useFactory: ({ tracer }: TrackingOtelOptions) =>
          new OtelSpans(tracer ?? trace.getTracer(SCOPE)),
      },
    ],
  };
}

/** @returns what ends each subscription */
function subscribeTo(metrics: ChannelMetrics): (() => void)[] {
  const { hit, rewrite, webhook, esp, queue, stats, unsubscribe } = TRACKING_CHANNELS;
  return [
    listen(hit, metrics.hit),
    listen(hit, describeHit),
    listen(rewrite, metrics.rewrite),
    listen(webhook, metrics.webhook),
    listen(esp, metrics.esp),
    listen(queue, metrics.queue),
    listen(stats, metrics.stats),
    listen(unsubscribe, metrics.unsubscribe),
  ];
}

function listen<Message>(
  channel: {
    subscribe(listener: (message: Message) => void): void;
    unsubscribe(listener: (message: Message) => void): void;
  },
  listener: (message: Message) => void,
): () => void {
  channel.subscribe(listener);
  return () => channel.unsubscribe(listener);
}

/** The message comes within the request, so its span is the active one. */
function describeHit({ purpose, outcome, verdict, format }: HitMessage): void {
  trace.getActiveSpan()?.setAttributes({
    'email_tracking.purpose': purpose,
    'email_tracking.outcome': outcome.replaceAll('-', '_'),
    ...(verdict !== null && { 'email_tracking.verdict': verdict.replaceAll('-', '_') }),
    ...(format !== null && { 'email_tracking.format': closed(format, FORMATS) }),
  });
}
