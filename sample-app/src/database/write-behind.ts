import { Logger } from '@nestjs/common';

type Task = () => Promise<void>;

const MAX_WAITING = 1000;
const RETRY_MS = 1000;

/**
 * Runs writes one after the other in the background, so that requests do not wait for the database.
 * While it is away, writes wait in memory; the oldest are dropped first.
 */
export class WriteBehind {
  private readonly logger: Logger;
  private waiting: Task[] = [];
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly what: string) {
    this.logger = new Logger(what);
  }

  add(task: Task): void {
    this.waiting.push(task);
    if (this.waiting.length > MAX_WAITING) {
      this.waiting.shift();
      this.logger.warn(
        `${this.what}: ${MAX_WAITING} writes are waiting for the database; the oldest was dropped.`,
      );
    }
    if (!this.timer) void this.run();
  }

  /** Tries all waiting writes once, and resolves whether they succeed or not. */
  run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.runAll().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Tries a last time. */
  async close(): Promise<void> {
    await this.run();
    clearTimeout(this.timer);
    this.waiting = [];
  }

  private async runAll(): Promise<void> {
    for (let task = this.waiting[0]; task; task = this.waiting[0]) {
      try {
        await task();
      } catch (error) {
        if (!isOfTheData(error)) {
          this.timer = setTimeout(() => void this.run(), RETRY_MS);
          return;
        }
        this.logger.warn(`${this.what}: the database rejected a row as invalid; it was skipped.`);
      }
      // It may have been dropped meanwhile.
      if (this.waiting[0] === task) this.waiting.shift();
    }
  }
}

/** PostgreSQL's classes of errors that the same data would cause again. */
function isOfTheData(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(?:21|22|23|54)[0-9A-Z]{3}$/.test(code);
}
