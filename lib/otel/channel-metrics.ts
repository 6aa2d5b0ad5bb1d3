import {
  type EspMessage,
  type HitMessage,
  type QueueMessage,
  type RewriteMessage,
  type StatsMessage,
  type UnsubscribeMessage,
  type WebhookMessage,
} from '../util/diagnostics.js';
import { type Instruments, PURPOSES } from './instruments.js';
import { closed } from './tally.js';

/** The most names of providers that are attributes. An app has those of its configuration. */
const MAX_PROVIDERS = 40;

/** Measures what the channels tell. */
export class ChannelMetrics {
  private readonly providers = new Set<string>();

  constructor(private readonly to: Instruments) {
    // Rare, and alerts are about them: a series that begins with its first count looks as if nothing was added.
    to.counts.rewrites.add(0, { outcome: 'failed' });
    to.counts['queue.writes'].add(0, { outcome: 'lost' });
    for (const via of ['one-click', 'page']) {
      for (const outcome of ['not-stored', 'failed']) {
        to.counts.unsubscribes.add(0, { method: 'POST', via, outcome });
      }
    }
  }

  readonly hit = ({ purpose, outcome, verdict, format, duration }: HitMessage): void => {
    const { counts, durations } = this.to;
    counts.hits.add(1, { purpose, outcome, verdict });
    durations['hit.duration'].add(duration, { purpose: closed(purpose, PURPOSES) });
    if (format !== null) counts['links.read'].add(1, { format });
  };

  readonly rewrite = ({ outcome, links, trackedLinks, duration }: RewriteMessage): void => {
    const { counts, durations } = this.to;
    counts.rewrites.add(1, { outcome });
    durations['rewrite.duration'].add(duration);
    counts['rewrite.links'].add(trackedLinks, { tracked: 'true' });
    counts['rewrite.links'].add(links - trackedLinks, { tracked: 'false' });
  };

  readonly webhook = ({ outcome, status, duration }: WebhookMessage): void => {
    const status_class = status === null ? null : `${Math.floor(status / 100)}xx`;
    this.to.counts['webhook.attempts'].add(1, { outcome, status_class });
    this.to.durations['webhook.attempt.duration'].add(duration);
  };

  readonly esp = ({ provider, outcome, types, duration }: EspMessage): void => {
    const { counts, durations } = this.to;
    counts['esp.requests'].add(1, { provider: this.known(provider), outcome });
    durations['esp.request.duration'].add(duration);
    for (const type of types) counts['esp.events'].add(1, { type });
  };

  readonly queue = ({ outcome, events, duration }: QueueMessage): void => {
    const { counts, durations } = this.to;
    const isJob = outcome === 'done' || outcome === 'retried' || outcome === 'parked';
    counts[isJob ? 'queue.jobs.processed' : 'queue.writes'].add(events, { outcome });
    if (duration === null) return;
    durations[isJob ? 'queue.job.duration' : 'queue.write.duration'].add(duration);
  };

  readonly stats = ({ outcome, duration }: StatsMessage): void => {
    this.to.counts['stats.writes'].add(1, { outcome });
    this.to.durations['stats.write.duration'].add(duration);
  };

  readonly unsubscribe = ({ method, via, outcome }: UnsubscribeMessage): void => {
    this.to.counts.unsubscribes.add(1, { method, via, outcome });
  };

  /** Hands on what was counted until now. */
  flush(): void {
    for (const tally of Object.values(this.to.counts)) tally.flush();
    for (const batch of Object.values(this.to.durations)) batch.flush();
  }

  private known(provider: string): string {
    if (this.providers.size >= MAX_PROVIDERS && !this.providers.has(provider)) return 'other';
    this.providers.add(provider);
    return provider;
  }
}
