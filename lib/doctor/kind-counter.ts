/** The longest list of kinds that a finding shows. */
const MAX_SHOWN = 3;

/** Counts what was found, by its kind, in the order of the first of each. */
export class KindCounter {
  private readonly kinds = new Map<string, number>();

  add(kind: string): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
  }

  get count(): number {
    return [...this.kinds.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Returns the kinds with their counts; of many, the first ones. */
  list(): string {
    const all = [...this.kinds].map(([kind, count]) => (count === 1 ? kind : `${kind} (${count})`));
    const more = all.length - MAX_SHOWN;
    return [...all.slice(0, MAX_SHOWN), ...(more > 0 ? [`${more} more`] : [])].join('; ');
  }
}
