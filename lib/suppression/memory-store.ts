import { apply, compact, type Facts, forgetAt, NO_FACTS, suppressionsOf } from './facts.js';
import {
  type Changes,
  type ComplaintScope,
  type Row,
  type RowFilter,
  type RowPage,
  scopeOf,
  type SuppressionStore,
} from './suppression-store.js';

/** The most addresses in memory. */
const MAX_ADDRESSES = 1_000_000;

/** The error when the list holds as many addresses as it can. Logs show its code. */
class ListIsFull extends Error {
  readonly code = 'LIST_IN_MEMORY_IS_FULL';
}

/** Keeps suppressions in this process. It forgets them when the process ends. */
export class MemoryStore implements SuppressionStore {
  readonly isDurable = false;
  private readonly facts = new Map<string, Facts>();

  constructor(private readonly complaintScope: ComplaintScope) {}

  ready(): Promise<void> {
    return Promise.resolve();
  }

  async write(changes: Changes, now: number): Promise<void> {
    const added = () => [...changes.keys()].filter((key) => !this.facts.has(key)).length;
    const isTooMany = () => this.facts.size + added() > MAX_ADDRESSES;
    if (isTooMany()) await this.prune(now);
    if (isTooMany()) throw new ListIsFull();
    for (const [key, some] of changes) {
      const facts = some.reduce(apply, this.facts.get(key) ?? NO_FACTS);
      this.facts.set(key, compact(facts, now));
    }
  }

  find(keys: readonly string[], now: number): Promise<Row[]> {
    return Promise.resolve(keys.flatMap((key) => this.rowsOf(key, now)));
  }

  list({ scope, reason, search = '' }: RowFilter, page: RowPage, now: number): Promise<Row[]> {
    const keys = [...this.facts.keys()].filter((key) => key.startsWith(search));
    const rows = keys
      .flatMap((key) => this.rowsOf(key, now))
      .filter((row) => scope === undefined || scope === row.scope)
      .filter((row) => reason === undefined || reason === row.reason)
      .sort((one, other) => other.at - one.at || (one.key < other.key ? -1 : 1));
    return Promise.resolve(rows.slice(page.offset, page.offset + page.limit));
  }

  async *parts(size: number, now: number): AsyncGenerator<Row[]> {
    let part: Row[] = [];
    for (const key of this.facts.keys()) {
      part.push(...this.rowsOf(key, now));
      if (part.length < size) continue;
      yield await Promise.resolve(part);
      part = [];
    }
    if (part.length > 0) yield part;
  }

  factsOf(key: string): Promise<Facts> {
    return Promise.resolve(this.facts.get(key) ?? NO_FACTS);
  }

  prune(now: number): Promise<number> {
    const before = this.facts.size;
    for (const [key, facts] of this.facts) {
      if ((forgetAt(facts) ?? Infinity) <= now) this.facts.delete(key);
    }
    return Promise.resolve(before - this.facts.size);
  }

  private rowsOf(key: string, now: number): Row[] {
    const facts = this.facts.get(key);
    if (!facts) return [];
    const { written } = facts;
    return suppressionsOf(facts, now).map((found) => ({
      ...found,
      key,
      written,
      scope: scopeOf(found, this.complaintScope),
    }));
  }
}
