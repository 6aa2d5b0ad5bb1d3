/** After so many overruns in a row, readers are no longer made to wait. */
const OVERRUNS = 5;

/**
 * Whether readers should wait for Redis. A write that fails, or takes longer than the response
 * budget, is an overrun; five in a row shut the gate, and one success opens it. While it is shut,
 * one batch a second tries (the drain of the buffer sees to that).
 */
export class OverloadGate {
  private overruns = 0;

  /** Whether Redis takes what is written, and in time. */
  get isOpen(): boolean {
    return this.overruns < OVERRUNS;
  }

  succeeded(): void {
    this.overruns = 0;
  }

  /** @returns whether this one shut the gate */
  overran(): boolean {
    return ++this.overruns === OVERRUNS;
  }

  /** Lets the next write try, where nothing else is there to try with. */
  halfOpen(): void {
    this.overruns = Math.min(this.overruns, OVERRUNS - 1);
  }
}
