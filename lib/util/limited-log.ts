import { type Logger } from '@nestjs/common';

const LINES = 10;
const WINDOW_MS = 60_000;

/**
 * A log that strangers can make write, so it writes at most 10 lines a minute, and says how many it
 * left out. Without timers: the count comes with the next line.
 */
export class LimitedLog {
  private windowStart = -Infinity;
  private written = 0;
  private left = 0;

  constructor(
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  warn(message: string): void {
    if (this.mayWrite()) this.logger.warn(message + this.count());
  }

  error(message: string, cause?: unknown): void {
    if (!this.mayWrite()) return;
    this.logger.error(message + this.count(), cause instanceof Error ? cause.stack : undefined);
  }

  private mayWrite(): boolean {
    const now = this.now();
    if (now - this.windowStart >= WINDOW_MS) {
      this.windowStart = now;
      this.written = 0;
    }
    if (this.written < LINES) {
      this.written++;
      return true;
    }
    this.left++;
    return false;
  }

  private count(): string {
    if (this.left === 0) return '';
    const text = ` (${this.left} more like this were not logged)`;
    this.left = 0;
    return text;
  }
}
