import { type Facts, forgetAt, NO_FACTS, suppressionsOf } from './facts.js';
import { factsAt, HASH_MARK, type HashKeysOf, homeOf, together } from './homes.js';
import {
  type ComplaintScope,
  type Row,
  type RowFilter,
  type RowPage,
  scopeOf,
  type SuppressionStore,
  type Writes,
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
  private isAnyHashed = false;

  constructor(
    private readonly complaintScope: ComplaintScope,
    private readonly hashKeysOf: HashKeysOf,
  ) {}

  ready(): Promise<void> {
    return Promise.resolve();
  }

  keyIds(): Promise<string[]> {
    return Promise.resolve([]);
  }

  async write(writes: Writes, now: number): Promise<void> {
    const has = (key: string) => this.facts.has(key);
    const homes = [...writes].map(([address, write]) => {
      return { write, home: homeOf(address, this.hashKeysOf(address), write.isErased, has) };
    });
    const added = () => homes.filter(({ home }) => home.from.length === 0 && !has(home.key)).length;
    const isTooMany = () => this.facts.size + added() > MAX_ADDRESSES;
    if (isTooMany()) await this.prune(now);
    if (isTooMany()) throw new ListIsFull();
    for (const { write, home } of homes) {
      if (write.changes.length + home.from.length === 0 && !has(home.key)) continue;
      const facts = factsAt(home, write, (key) => this.facts.get(key) ?? NO_FACTS, now);
      for (const key of home.from) this.facts.delete(key);
      this.facts.set(home.key, facts);
      this.isAnyHashed ||= home.key.startsWith(HASH_MARK);
    }
  }

  find(keys: readonly string[], now: number): Promise<Row[]> {
    const rows = keys.flatMap((key) =>
      this.keysOf(key).flatMap((one) => this.rowsOf(one, now).map((row) => ({ ...row, key }))),
    );
    return Promise.resolve(rows);
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
    return Promise.resolve(
      together(this.keysOf(key).map((one) => this.facts.get(one) ?? NO_FACTS)),
    );
  }

  prune(now: number): Promise<number> {
    const before = this.facts.size;
    for (const [key, facts] of this.facts) {
      if ((forgetAt(facts) ?? Infinity) <= now) this.facts.delete(key);
    }
    return Promise.resolve(before - this.facts.size);
  }

  private keysOf(address: string): string[] {
    return this.isAnyHashed ? [address, ...this.hashKeysOf(address)] : [address];
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
