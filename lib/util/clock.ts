/** Time and chance, which tests hand in. */
export interface Clock {
  /** Returns a time in milliseconds. Only differences count. */
  readonly now: () => number;
  /** Runs a task once, later, unless the returned function is called before. */
  after(milliseconds: number, task: () => void): () => void;
  /** Runs a task after the code that is running now. */
  soon(task: () => void): void;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/**
 * The clock of the machine. Its timers keep no process alive. When the process has stood still, what
 * waits to be read comes before what is due, so that no answer counts as late that is there.
 */
export const SYSTEM_CLOCK = {
  /** Returns the time in milliseconds since 1970. `Date.now` is looked up, so that fake timers work. */
  date: () => Date.now(),
  now: () => performance.now(),
  after(milliseconds: number, task: () => void) {
    let immediate: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => (immediate = setImmediate(task)), milliseconds).unref();
    return () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  },
  soon: (task: () => void) => void setImmediate(task),
  random: Math.random,
} satisfies Clock & { date: () => number };
