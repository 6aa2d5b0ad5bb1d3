/** How many events each of the two generations holds. */
const GENERATION = 50_000;

/**
 * What was taken lately, so that what a provider sends again is recognised: the last 50 000 to
 * 100 000 ids, of this process. Older ones, and those of other processes, are what `eventId` is
 * for: whoever stores events takes each id once.
 */
export class RepeatMemory {
  private young = new Map<string, string>();
  private old = new Map<string, string>();

  constructor(private readonly generation = GENERATION) {}

  /** What was remembered about an id. */
  get(id: string): string | undefined {
    return this.young.get(id) ?? this.old.get(id);
  }

  /** Whether an id is remembered. */
  has(id: string): boolean {
    return this.young.has(id) || (this.old.size > 0 && this.old.has(id));
  }

  /** Remembers an id. */
  add(id: string, about = ''): void {
    this.young.set(id, about);
    if (this.young.size < this.generation) return;
    this.old = this.young;
    this.young = new Map();
  }

  /** Forgets an id, because the event was not accepted. */
  delete(id: string): void {
    this.young.delete(id);
    this.old.delete(id);
  }
}
