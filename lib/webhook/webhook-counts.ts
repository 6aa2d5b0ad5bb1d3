/**
 * Counts of webhook deliveries since the process started. An event counts once for each target.
 *
 * `accepted` is the sum of `waiting`, `delivered`, `givenUp` and `switchedOff`.
 */
export interface WebhookCounts {
  /** Events for a target. */
  accepted: number;
  /** Waiting, or being sent. */
  waiting: number;
  /** Answered with 2xx. */
  delivered: number;
  /** Not tried again. Each one is published as `tracking.webhook_failed`. */
  givenUp: number;
  /** Not sent, because the target answered 410 before. */
  switchedOff: number;
  /** Attempts that failed and are repeated. */
  retried: number;
}

/** Links can name any number of hosts. The targets after these are counted together. */
const MAX_TARGETS = 1000;

/** The name of the entry of all further targets. */
export const FURTHER_TARGETS = 'further targets';

/** Counts events, in all and for each target. */
export class WebhookTally {
  readonly total = noCounts();
  private readonly targets = new Map<string, WebhookCounts>();

  add(target: string, member: keyof WebhookCounts, count: number): void {
    this.total[member] += count;
    this.of(target)[member] += count;
  }

  /** A copy, by the name of the target. */
  byTarget(): Record<string, WebhookCounts> {
    return Object.fromEntries([...this.targets].map(([name, counts]) => [name, { ...counts }]));
  }

  private of(name: string): WebhookCounts {
    const known = this.targets.get(name);
    if (known) return known;
    if (this.targets.size >= MAX_TARGETS && name !== FURTHER_TARGETS) {
      return this.of(FURTHER_TARGETS);
    }
    const counts = noCounts();
    this.targets.set(name, counts);
    return counts;
  }
}

function noCounts(): WebhookCounts {
  return { accepted: 0, waiting: 0, delivered: 0, givenUp: 0, switchedOff: 0, retried: 0 };
}
