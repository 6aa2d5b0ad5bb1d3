import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import {
  type EspMessage,
  type HitMessage,
  type QueueMessage,
  type RewriteMessage,
  type StatsMessage,
  type UnsubscribeMessage,
  type WebhookMessage,
} from '../util/diagnostics.js';
import { EVENT_NAMES } from '../plugin.js';
import { closed, FORMATS, statusClass } from './closed.js';

const ANSWERS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];
const REMOTE_S = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

const TYPES = Object.keys(EVENT_NAMES);

/** The most names of providers that are attributes. An app has those of its configuration. */
const MAX_PROVIDERS = 40;

/** Makes metrics of the messages of the channels. */
export class ChannelMetrics {
  private readonly hits: Counter;
  private readonly hitDuration: Histogram;
  private readonly linksRead: Counter;
  private readonly rewrites: Counter;
  private readonly rewriteDuration: Histogram;
  private readonly rewriteLinks: Counter;
  private readonly attempts: Counter;
  private readonly attemptDuration: Histogram;
  private readonly espRequests: Counter;
  private readonly espDuration: Histogram;
  private readonly espEvents: Counter;
  private readonly queueWrites: Counter;
  private readonly queueWriteDuration: Histogram;
  private readonly jobs: Counter;
  private readonly jobDuration: Histogram;
  private readonly statsWrites: Counter;
  private readonly statsDuration: Histogram;
  private readonly unsubscribes: Counter;
  private readonly providers = new Set<string>();

  constructor(private readonly meter: Meter) {
    this.hits = this.counter('hits', 'Requests to pixels and click links');
    this.hitDuration = this.histogram('hit.duration', 'Time until a hit is answered', ANSWERS_S);
    this.linksRead = this.counter('links.read', 'Links of hits that could be read');
    this.rewrites = this.counter('rewrites', 'Rendered mails');
    this.rewriteDuration = this.histogram('rewrite.duration', 'Time to render a mail', ANSWERS_S);
    this.rewriteLinks = this.counter('rewrite.links', 'Links of rendered mails');
    this.attempts = this.counter('webhook.attempts', 'Requests to webhooks');
    this.attemptDuration = this.histogram(
      'webhook.attempt.duration',
      'Time of a request to a webhook',
      REMOTE_S,
    );
    this.espRequests = this.counter('esp.requests', 'Requests of providers');
    this.espDuration = this.histogram(
      'esp.request.duration',
      'Time until a provider is answered',
      REMOTE_S,
    );
    this.espEvents = this.counter('esp.events', 'Events in requests of providers');
    this.queueWrites = this.counter('queue.writes', 'Events on their way into the queue');
    this.queueWriteDuration = this.histogram(
      'queue.write.duration',
      'Time of a write to the queue',
      REMOTE_S,
    );
    this.jobs = this.counter('queue.jobs.processed', 'Jobs that workers have run');
    this.jobDuration = this.histogram('queue.job.duration', 'Time of a job', REMOTE_S);
    this.statsWrites = this.counter('stats.writes', 'Batches for the database of statistics');
    this.statsDuration = this.histogram(
      'stats.write.duration',
      'Time to write a batch to the database of statistics',
      REMOTE_S,
    );
    this.unsubscribes = this.counter('unsubscribes', 'Requests to unsubscribe links');
  }

  readonly hit = ({ purpose, outcome, verdict, format, duration }: HitMessage): void => {
    this.hits.add(1, { purpose, outcome: name(outcome), verdict: name(verdict ?? 'none') });
    this.hitDuration.record(duration / 1000, { purpose });
    if (format !== null) this.linksRead.add(1, { format: closed(format, FORMATS) });
  };

  readonly rewrite = ({ outcome, links, trackedLinks, duration }: RewriteMessage): void => {
    this.rewrites.add(1, { outcome });
    this.rewriteDuration.record(duration / 1000);
    if (trackedLinks > 0) this.rewriteLinks.add(trackedLinks, { tracked: 'true' });
    if (links > trackedLinks) this.rewriteLinks.add(links - trackedLinks, { tracked: 'false' });
  };

  readonly webhook = ({ outcome, status, duration }: WebhookMessage): void => {
    this.attempts.add(1, { outcome: name(outcome), status_class: statusClass(status) });
    this.attemptDuration.record(duration / 1000);
  };

  readonly esp = ({ provider, outcome, types, duration }: EspMessage): void => {
    this.espRequests.add(1, { provider: this.providerOf(provider), outcome });
    this.espDuration.record(duration / 1000);
    for (const type of types) this.espEvents.add(1, { type: closed(type, TYPES) });
  };

  readonly queue = ({ outcome, events, duration }: QueueMessage): void => {
    const isJob = outcome === 'done' || outcome === 'retried' || outcome === 'parked';
    (isJob ? this.jobs : this.queueWrites).add(events, { outcome });
    if (duration === null) return;
    (isJob ? this.jobDuration : this.queueWriteDuration).record(duration / 1000);
  };

  readonly stats = ({ outcome, duration }: StatsMessage): void => {
    this.statsWrites.add(1, { outcome });
    this.statsDuration.record(duration / 1000);
  };

  readonly unsubscribe = ({ method, via, outcome }: UnsubscribeMessage): void => {
    this.unsubscribes.add(1, { method, via: name(via ?? 'none'), outcome: name(outcome) });
  };

  private providerOf(provider: string): string {
    if (this.providers.size >= MAX_PROVIDERS && !this.providers.has(provider)) return 'other';
    this.providers.add(provider);
    return provider;
  }

  private counter(of: string, description: string): Counter {
    return this.meter.createCounter(`email_tracking.${of}`, { description });
  }

  private histogram(of: string, description: string, explicitBucketBoundaries: number[]) {
    return this.meter.createHistogram(`email_tracking.${of}`, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries },
    });
  }
}

/** The spelling of values in attributes. */
function name(value: string): string {
  return value.replaceAll('-', '_');
}
