import type { LogCodeOf } from './log-codes.js';
import type { LogContext } from './log-entry.js';
import type { LineLog } from './log.js';

const LINES = 10;
const WINDOW_MS = 60_000;

/**
 * A log that strangers can make write, so it writes at most 10 lines of each code in a minute, and says how many
 * it left out. Without timers: the count comes with the next line of that code.
 */
export class LimitedLog<Context extends LogContext> implements LineLog<Context> {
  private readonly limits = new Map<LogCodeOf<Context>, Limit>();

  constructor(
    private readonly log: LineLog<Context>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  write(code: LogCodeOf<Context>, message: string, cause?: unknown): void {
    let limit = this.limits.get(code);
    if (!limit) this.limits.set(code, (limit = new Limit()));
    if (limit.mayWrite(this.now())) this.log.write(code, message + limit.count(), cause);
  }
}

class Limit {
  private windowStart = -Infinity;
  private written = 0;
  private left = 0;

  mayWrite(now: number): boolean {
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

  count(): string {
    if (this.left === 0) return '';
    const text = ` (${this.left} more like this were not logged)`;
    this.left = 0;
    return text;
  }
}
