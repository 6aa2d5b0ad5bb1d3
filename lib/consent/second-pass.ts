import type { DiscoveryService } from '@nestjs/core';
import type { Person } from '../plugin.js';
import { type Clock, SYSTEM_CLOCK } from '../util/clock.js';
import { ConsentRecipients } from './consent-recipients.js';
import { eraseFrom, findStores } from './person-data.js';
import type { PrivacyAccess } from './privacy-access.js';

/** When stores are asked again, in milliseconds: other processes know of an erasure after 10 seconds. */
const AGAIN_MS = 11_000;

/** The most erasures that wait. */
const MAX_WAITING = 10_000;

/**
 * Asks the stores a second time to erase a person, for what other processes stored before they knew. Its
 * timers keep no process alive.
 */
export class SecondPass {
  private readonly waiting = new Map<string, () => void>();
  private isStopped = false;

  constructor(
    private readonly access: PrivacyAccess,
    private readonly discovery: DiscoveryService,
    private readonly clock: Pick<Clock, 'after'> = SYSTEM_CLOCK,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  /** Plans it, in place of one that waits for the same person. */
  plan(person: Person, erasedAt: Date): void {
    if (this.isStopped) return;
    const { address } = person;
    this.waiting.get(address)?.();
    this.waiting.delete(address);
    if (this.waiting.size >= this.maxWaiting) return this.logFailure('too many erasures wait');
    const cancel = this.clock.after(AGAIN_MS, () => {
      this.waiting.delete(address);
      void this.run(person, erasedAt).catch(() => this.logFailure('the stores were not found'));
    });
    this.waiting.set(address, cancel);
  }

  stop(): void {
    this.isStopped = true;
    for (const cancel of this.waiting.values()) cancel();
    this.waiting.clear();
  }

  private async run(person: Person, erasedAt: Date): Promise<void> {
    // What the person said since is not to go, and no process stores consents late.
    const stores = findStores(this.discovery).filter(
      (store) => !(store instanceof ConsentRecipients),
    );
    // What other processes recorded before they knew of the erasure happened after it.
    const before = new Date(Math.max(this.access.now(), erasedAt.getTime()));
    const { stores: results } = await eraseFrom(stores, person, erasedAt, before);
    const problems = results.flatMap(({ store, problem }) =>
      problem ? `${store}: ${problem}` : [],
    );
    if (problems.length > 0) this.logFailure(problems.join('; '));
  }

  private logFailure(why: string): void {
    this.access.log.write(
      'ERASURE_INCOMPLETE',
      `What other processes stored within 10 seconds after an erasure may still name the person (${why}). ` +
        'Erase again those who were erased in the last minutes.',
    );
  }
}
