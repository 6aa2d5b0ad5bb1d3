import { LRUCache } from 'lru-cache';
import { addressKey } from '../util/address-key.js';
import { Batcher } from '../util/batcher.js';
import type { PrivacyAccess } from './privacy-access.js';

/** How long an answer is kept, in milliseconds. */
const CACHE_MS = 10_000;

/** How many answers are kept. */
const CACHE_SIZE = 50_000;

/** The most recipients that one query asks for. */
const BATCH = 500;

/** How long a question waits for the query before it to end, in milliseconds. */
const BATCH_MS = 50;

/** When somebody was erased, in milliseconds; `null` for somebody who was not. */
export type ErasedAt = number | null;

type Answers = ReadonlyMap<string, ErasedAt>;

/** Says who was erased. Answers are kept for 10 seconds, and recipients asked for at once share a query. */
export class Tombstones {
  private readonly known = new LRUCache<string, { erasedAt: ErasedAt; askedAt: number }>({
    // By size, because by number it would take its room at once.
    maxSize: CACHE_SIZE,
    sizeCalculation: () => 1,
  });
  private readonly asked = new Map<string, Promise<ErasedAt>>();
  private readonly batcher = new Batcher<string, Answers>(
    { size: BATCH, waitMs: BATCH_MS },
    (addresses) => this.askFor(addresses),
  );
  private asking = 0;

  constructor(private readonly access: PrivacyAccess) {}

  /** Returns when somebody was erased. Rejects if the database does not say it. */
  of(recipient: string): ErasedAt | Promise<ErasedAt> {
    const address = addressKey(recipient);
    if (address === undefined) return null;
    const known = this.known.get(address);
    const age = known ? this.access.now() - known.askedAt : -1;
    // A clock that was set back must not make an answer last.
    if (known && age >= 0 && age < CACHE_MS) return known.erasedAt;
    return this.asked.get(address) ?? this.ask(address);
  }

  /** Forgets what is known about an address, also what is being asked. */
  forget(address: string): void {
    this.known.delete(address);
    this.asked.delete(address);
  }

  private ask(address: string): Promise<ErasedAt> {
    const askedAt = this.access.now();
    const asking: Promise<ErasedAt> = this.batcher.add(address).then(
      (answers) =>
        this.settle(address, asking, { erasedAt: answers.get(address) ?? null, askedAt }),
      (error: unknown) => {
        if (this.asked.get(address) === asking) this.asked.delete(address);
        throw error;
      },
    );
    this.asked.set(address, asking);
    if (this.asking === 0) this.batcher.flush();
    return asking;
  }

  private settle(
    address: string,
    asking: Promise<ErasedAt>,
    answer: { erasedAt: ErasedAt; askedAt: number },
  ): ErasedAt | Promise<ErasedAt> {
    // Somebody was erased in this process meanwhile.
    if (this.asked.get(address) !== asking) return this.of(address);
    this.asked.delete(address);
    this.known.set(address, answer);
    return answer.erasedAt;
  }

  private async askFor(addresses: readonly string[]): Promise<Answers> {
    this.asking++;
    try {
      const { keys } = this.access.core;
      const hashes = addresses.map((address) => keys.digests(address).map(({ hash }) => hash));
      const found = await this.access.ask((store) => store.erasures(hashes.flat()));
      const latest = (own: readonly string[]) => {
        const times = own.flatMap((hash) => found.get(hash) ?? []);
        return times.length === 0 ? null : Math.max(...times);
      };
      return new Map(addresses.map((address, index) => [address, latest(hashes[index]!)]));
    } finally {
      this.asking--;
      if (this.asking === 0) this.batcher.flush();
    }
  }
}
