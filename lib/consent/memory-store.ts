import type { RecipientHash } from '../plugin.js';
import type { Answer, Appending, ConsentRow, ConsentStore } from './consent-store.js';

/** The most records and mails in memory, each. Withdrawals and erasures are kept beyond it. */
const MAX_ROWS = 1_000_000;

/** The error when the register holds as much as it can. Logs show its code. */
class RegisterIsFull extends Error {
  readonly code = 'REGISTER_IN_MEMORY_IS_FULL';
}

type Kept = ConsentRow & { readonly order: number };

/** Keeps consents in this process. It forgets them when the process ends. */
export class MemoryStore implements ConsentStore {
  readonly isDurable = false;
  private readonly rows = new Map<string, Kept[]>();
  private readonly graves = new Map<string, number>();
  private readonly mails = new Map<string, number>();
  private count = 0;
  private nextOrder = 0;

  constructor(private readonly maxRows = MAX_ROWS) {}

  ready(): Promise<void> {
    return Promise.resolve();
  }

  keyIds(): Promise<string[]> {
    return Promise.resolve([]);
  }

  async append(row: ConsentRow, { hash, all, isNow }: Appending): Promise<number> {
    if (row.what !== 'withdrawn') await this.refuseFrom(this.count);
    const known = all.flatMap((one) => this.rows.get(one) ?? []);
    const at = isNow ? Math.max(row.at, ...known.map((one) => one.at)) : row.at;
    const kept = { ...row, at, order: this.nextOrder++ };
    this.count++;
    this.rows.set(hash.hash, [...(this.rows.get(hash.hash) ?? []), kept]);
    return at;
  }

  answers(hashes: readonly string[]): Promise<Answer[]> {
    return Promise.resolve(
      hashes.flatMap((hash) => {
        const rows = [...(this.rows.get(hash) ?? [])].sort(byTime).reverse();
        const opens = rows.find((row) => row.opens !== null);
        const clicks = rows.find((row) => row.clicks !== null);
        return [
          ...(opens ? [{ ...opens, hash, kind: 'open' as const, mode: opens.opens! }] : []),
          ...(clicks ? [{ ...clicks, hash, kind: 'click' as const, mode: clicks.clicks! }] : []),
        ];
      }),
    );
  }

  records(hashes: readonly string[]): Promise<ConsentRow[]> {
    const kept = hashes.flatMap((hash) => this.rows.get(hash) ?? []).sort(byTime);
    return Promise.resolve(kept.map(({ order: _, ...row }) => row));
  }

  forget(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) {
      this.count -= this.rows.get(hash)?.length ?? 0;
      this.rows.delete(hash);
    }
    return Promise.resolve();
  }

  bury({ hash }: RecipientHash, at: number): Promise<void> {
    this.graves.set(hash, Math.max(at, this.graves.get(hash) ?? 0));
    return Promise.resolve();
  }

  erasures(hashes: readonly string[]): Promise<Map<string, number>> {
    const found = hashes.flatMap((hash): [string, number][] => {
      const at = this.graves.get(hash);
      return at === undefined ? [] : [[hash, at]];
    });
    return Promise.resolve(new Map(found));
  }

  async noteMail({ hash }: RecipientHash, at: number): Promise<void> {
    await this.refuseFrom(this.mails.size);
    if (!this.mails.has(hash)) this.mails.set(hash, at);
  }

  preparedAt(hashes: readonly string[]): Promise<number | undefined> {
    const times = hashes.flatMap((hash) => this.mails.get(hash) ?? []);
    return Promise.resolve(times.length === 0 ? undefined : Math.min(...times));
  }

  pruneMails(before: number): Promise<void> {
    for (const [hash, at] of this.mails) if (at < before) this.mails.delete(hash);
    return Promise.resolve();
  }

  private refuseFrom(count: number): Promise<void> {
    return count < this.maxRows ? Promise.resolve() : Promise.reject(new RegisterIsFull());
  }
}

function byTime(one: Kept, other: Kept): number {
  return one.at - other.at || one.order - other.order;
}
