import { Logger } from '@nestjs/common';

type Task = () => Promise<void>;

const MAX_WAITING = 1000;
const RETRY_MS = 1000;

/**
 * Runs writes one after the other, later: what somebody waits for does not wait for a database. While
 * it is away they wait in memory, the oldest are given up first.
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
      this.logger.warn(`${this.what}: too much waits for the database, the oldest is given up.`);
    }
    if (!this.timer) void this.run();
  }

  /** Waits for one attempt at all that waits, however it ends. */
  run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.runAll().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** A last attempt. */
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
        this.logger.warn(`${this.what}: the database cannot hold something; it was left out.`);
      }
      // It may have been given up meanwhile.
      if (this.waiting[0] === task) this.waiting.shift();
    }
  }
}

/** PostgreSQL's classes of errors that the same data would cause again. */
function isOfTheData(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(?:21|22|23|54)[0-9A-Z]{3}$/.test(code);
}
