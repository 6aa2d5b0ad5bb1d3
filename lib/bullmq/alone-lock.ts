/**
 * Lets many events run at a time, or one alone: an event that may have killed a worker runs while
 * no other does, so that no other event can cause a second death.
 */
export class AloneLock {
  private running = 0;
  private isAlone = false;
  private readonly waiting: { alone: boolean; start: () => void }[] = [];

  async run<T>(alone: boolean, task: () => Promise<T>): Promise<T> {
    if (this.waiting.length > 0 || !this.mayStart(alone)) {
      await new Promise<void>((resolve) => this.waiting.push({ alone, start: resolve }));
    } else {
      this.enter(alone);
    }
    try {
      return await task();
    } finally {
      this.running--;
      this.isAlone = false;
      this.next();
    }
  }

  private mayStart(alone: boolean): boolean {
    return alone ? this.running === 0 : !this.isAlone;
  }

  private enter(alone: boolean): void {
    this.running++;
    this.isAlone = alone;
  }

  private next(): void {
    for (let first = this.waiting[0]; first && this.mayStart(first.alone);) {
      this.waiting.shift();
      this.enter(first.alone);
      first.start();
      first = this.waiting[0];
    }
  }
}
