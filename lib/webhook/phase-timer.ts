/** Bounds each phase of an exchange, rather than the whole of it, as Python's requests does. */
export class PhaseTimer {
  private readonly timer: NodeJS.Timeout;
  private stopped = false;

  constructor(milliseconds: number, onExpired: () => void) {
    this.timer = setTimeout(onExpired, milliseconds);
  }

  /** A phase is over, and the next one begins. */
  readonly restart = (): void => {
    // What was stopped stays stopped.
    if (!this.stopped) this.timer.refresh();
  };

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
