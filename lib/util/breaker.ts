import { backoffMs, type Backoff } from './backoff.js';
import type { Clock } from './clock.js';

/** When a {@link CircuitBreaker} opens, and for how long. */
export interface BreakerSettings {
  /** So many failures in a row open it. */
  failures: number;
  pause: Backoff;
}

/**
 * Counts the failures of a service that may be down. After too many in a row it is open: nothing
 * should be sent. After a pause, one attempt probes the service (half open): if it succeeds, the
 * breaker closes, otherwise the next pause is longer.
 */
export class CircuitBreaker {
  private failures = 0;
  private pauses = 0;
  private openUntil = -Infinity;
  private probing = false;

  constructor(
    private readonly settings: BreakerSettings,
    private readonly clock: Pick<Clock, 'now' | 'random'>,
  ) {}

  get isClosed(): boolean {
    return this.pauses === 0;
  }

  /** How long to wait before an attempt; `Infinity` while another one probes. */
  get waitMs(): number {
    if (this.isClosed) return 0;
    return this.probing ? Infinity : Math.max(0, this.openUntil - this.clock.now());
  }

  /** @returns whether the attempt that begins is a probe */
  begin(): boolean {
    this.probing ||= !this.isClosed;
    return this.probing;
  }

  succeeded(): void {
    this.failures = 0;
    this.pauses = 0;
    this.probing = false;
  }

  /** @param probe what {@link begin} returned: other attempts began before the breaker opened */
  failed(probe: boolean): void {
    this.failures++;
    if (probe) this.probing = false;
    else if (!this.isClosed || this.failures < this.settings.failures) return;
    const pause = backoffMs(this.settings.pause, this.pauses, this.clock.random);
    this.pauses++;
    this.openUntil = this.clock.now() + pause;
  }
}
