/** Time and chance, which tests hand in. */
export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Runs a task once, later, unless what it returns is called before. */
  after(milliseconds: number, task: () => void): () => void;
  /** Runs a task when what is being done now is done. */
  soon(task: () => void): void;
  /** From 0 to 1, without 1. */
  random(): number;
}

/** Its timers keep no process alive. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds).unref();
    return () => clearTimeout(timer);
  },
  soon: (task) => void setImmediate(task),
  random: Math.random,
};
