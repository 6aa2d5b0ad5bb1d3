/** What waits together to be written. */
interface Group<T, R> {
  items: T[];
  /** Settles when the batch is written, or held, or has kept its readers waiting long enough. */
  released: Promise<R>;
  release: (settled: Promise<R>) => void;
  timer: NodeJS.Timeout;
}

/** Puts what arrives within a few milliseconds into one batch. */
export class MicroBatcher<T, R = void> {
  private group: Group<T, R> | undefined;

  /**
   * @param options.size how many make a batch full
   * @param options.waitMs how long the first one of a batch waits for others
   * @param write takes a full batch; never rejects
   */
  constructor(
    private readonly options: { size: number; waitMs: number },
    private readonly write: (items: T[]) => Promise<R>,
  ) {}

  /** How many are waiting for others. */
  get waiting(): number {
    return this.group?.items.length ?? 0;
  }

  /** @returns the promise of the batch: one for all that share it */
  add(item: T): Promise<R> {
    const group = (this.group ??= this.begin());
    group.items.push(item);
    if (group.items.length >= this.options.size) this.flush();
    return group.released;
  }

  /** Writes what is there now. */
  flush(): void {
    const { group } = this;
    if (!group) return;
    this.group = undefined;
    clearTimeout(group.timer);
    group.release(this.write(group.items));
  }

  private begin(): Group<T, R> {
    let release!: Group<T, R>['release'];
    const released = new Promise<R>((resolve) => (release = resolve));
    return {
      items: [],
      released,
      release,
      timer: setTimeout(() => this.flush(), this.options.waitMs),
    };
  }
}
