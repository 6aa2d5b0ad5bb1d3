import type { Clock } from './clock.js';

/** So many failures in a row are more than bad luck. */
const FAILURES = 5;

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Leaves a target alone that fails again and again. After a pause, one attempt probes it (half
 * open): if that one arrives, all is well, else the next pause is twice as long.
 */
export class CircuitBreaker {
  private failures = 0;
  private pauses = 0;
  private openUntil = -Infinity;
  private probing = false;

  constructor(private readonly clock: Clock) {}

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

  /** The target has answered. */
  succeeded(): void {
    this.failures = 0;
    this.pauses = 0;
    this.probing = false;
  }

  /** @param probe what {@link begin} said: others began before the circuit opened */
  failed(probe: boolean): void {
    this.failures++;
    if (probe) this.probing = false;
    else if (!this.isClosed || this.failures < FAILURES) return;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.pauses, LONGEST_PAUSE_MS);
    this.pauses++;
    // From a half to the whole of it, so that not all processes probe at once.
    this.openUntil = this.clock.now() + pause * (0.5 + this.clock.random() / 2);
  }
}
