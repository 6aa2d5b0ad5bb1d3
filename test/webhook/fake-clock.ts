import type { Clock } from '../../lib/util/clock.js';

/** A clock that stands until it is told to go on. */
export class FakeClock implements Clock {
  /** What `random` says. */
  chance = 0.5;
  private time = 0;
  private readonly timers = new Set<{ at: number; task: () => void }>();

  readonly now = (): number => this.time;
  readonly random = (): number => this.chance;

  after(milliseconds: number, task: () => void): () => void {
    const timer = { at: this.time + milliseconds, task };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  soon(task: () => void): void {
    this.after(0, task);
  }

  get waiting(): number {
    return this.timers.size;
  }

  /** Lets time pass, and what is due happen, one thing after the other. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (;;) {
      const due = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.task();
      await settled();
    }
    this.time = end;
  }
}

/** Until promises that wait for nothing but each other are settled. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
