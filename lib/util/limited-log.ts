import type { LogCodeOf } from './log-codes.js';
import type { LogContext } from './log-entry.js';
import type { LineLog } from './log.js';

const LINES = 10;
const WINDOW_MS = 60_000;

/**
 * A log that strangers can make write, so it writes at most 10 lines a minute, and says how many it
 * left out. Without timers: the count comes with the next line.
 */
export class LimitedLog<Context extends LogContext> implements LineLog<Context> {
  private windowStart = -Infinity;
  private written = 0;
  private left = 0;

  constructor(
    private readonly log: LineLog<Context>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  write(code: LogCodeOf<Context>, message: string, cause?: unknown): void {
    if (this.mayWrite()) this.log.write(code, message + this.count(), cause);
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
