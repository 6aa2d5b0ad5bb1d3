interface Batch<T, R> {
  items: T[];
  result: Promise<R>;
  resolve: (result: Promise<R>) => void;
  timer: NodeJS.Timeout;
}

/** Collects what arrives within a few milliseconds into batches. */
export class Batcher<T, R = void> {
  private batch: Batch<T, R> | undefined;

  /**
   * @param options.size how many items make a batch full
   * @param options.waitMs how long the first item of a batch waits for others
   * @param write takes a batch
   */
  constructor(
    private readonly options: { size: number; waitMs: number },
    private readonly write: (items: T[]) => Promise<R>,
  ) {}

  /** How many items wait for others. */
  get waiting(): number {
    return this.batch?.items.length ?? 0;
  }

  /** @returns the result of writing the batch: one promise for all its items */
  add(item: T): Promise<R> {
    const batch = (this.batch ??= this.begin());
    batch.items.push(item);
    if (batch.items.length >= this.options.size) this.flush();
    return batch.result;
  }

  /** Writes what waits now. */
  flush(): void {
    const { batch } = this;
    if (!batch) return;
    this.batch = undefined;
    clearTimeout(batch.timer);
    batch.resolve(this.write(batch.items));
  }

  private begin(): Batch<T, R> {
    let resolve!: Batch<T, R>['resolve'];
    const result = new Promise<R>((settle) => (resolve = settle));
    const timer = setTimeout(() => this.flush(), this.options.waitMs);
    return { items: [], result, resolve, timer };
  }
}
