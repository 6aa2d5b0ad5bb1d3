import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Person } from '../plugin.js';
import { checkGrant, checkRecipient, checkWithdrawal } from './arguments.js';
import type { ConsentGrant, ConsentRecord, ConsentWithdrawal } from './consent.js';
import { toRecord } from './consent-recipients.js';
import { ConsentRegister } from './consent-register.js';
import { type ErasureReport, eraseFrom, exportFrom, findStores } from './person-data.js';
import { PrivacyAccess } from './privacy-access.js';
import { SecondPass } from './second-pass.js';

/**
 * Keeps who agreed to what, returns all that is kept about a person, and erases it. Addresses are kept
 * as hashes only.
 *
 * @example
 * ```ts
 * constructor(private readonly privacy: PrivacyService) {}
 *
 * async onSignup({ email, mayMeasure }: Signup) {
 *   if (!mayMeasure) return;
 *   await this.privacy.grant(email, {
 *     opens: 'identified',
 *     clicks: 'identified',
 *     source: 'signup form',
 *     notice: 'measuring, version 3',
 *   });
 * }
 * ```
 */
@Injectable()
export class PrivacyService implements OnModuleInit, OnModuleDestroy {
  private readonly secondPass: SecondPass;

  /** @internal */
  constructor(
    @Inject(PrivacyAccess) private readonly access: PrivacyAccess,
    @Inject(ConsentRegister) private readonly register: ConsentRegister,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
  ) {
    this.secondPass = new SecondPass(access, discovery);
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    this.register.connect();
    await this.access.start();
  }

  /** @internal */
  onModuleDestroy(): void {
    this.secondPass.stop();
  }

  /**
   * Stores what somebody agreed to, then publishes it as `tracking.consent`. The latest record counts;
   * what it says nothing about stays as it is. It never widens links that were sent before.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws TrackingError `NOT_STORED` if it was not stored within 5 seconds
   * @example
   * ```ts
   * await privacy.grant('ann@example.com', {
   *   clicks: 'identified',
   *   source: 'preference page',
   *   notice: 'measuring, version 3',
   *   proof: { request: 'r-4711' },
   * });
   * ```
   */
  async grant(recipient: string, grant: ConsentGrant): Promise<void> {
    await this.register.append('grant', recipient, checkGrant(grant, this.access.now()));
  }

  /**
   * Stores what somebody no longer agrees to, then publishes it as `tracking.consent`. Links that were
   * sent before follow it within 10 seconds.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws TrackingError `NOT_STORED` if it was not stored within 5 seconds
   * @example
   * ```ts
   * await privacy.withdraw('ann@example.com'); // no pixels, plain links
   * await privacy.withdraw('ann@example.com', { opens: 'off', source: 'support' }); // links stay
   * ```
   */
  async withdraw(recipient: string, withdrawal: ConsentWithdrawal = {}): Promise<void> {
    const said = checkWithdrawal(withdrawal, this.access.now());
    await this.register.append('withdraw', recipient, said);
  }

  /**
   * Returns all grants and withdrawals of somebody, the oldest first.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws Error if the database does not answer within 5 seconds
   */
  async historyOf(recipient: string): Promise<ConsentRecord[]> {
    const { hashes } = this.personOf('historyOf', recipient);
    const own = hashes.map(({ hash }) => hash);
    return (await this.access.ask((store) => store.records(own))).map(toRecord);
  }

  /**
   * Exports all that the stores of the app keep about a person, as lines of JSON:
   * `{"store":"consents","data":{…}}`.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws Error if a store cannot be read: the lines before are not all
   * @example
   * ```ts
   * await pipeline(Readable.from(privacy.export('ann@example.com')), createWriteStream(file));
   * ```
   */
  export(recipient: string): AsyncIterable<string> {
    return exportFrom(findStores(this.discovery), this.personOf('export', recipient));
  }

  /**
   * Erases a person: from then on, what happens to mails that were sent before names nobody. Then every
   * store of the app removes what only speaks of the person, and takes the person out of what it counts.
   * A suppression stays as a hash, and so does the fact that the person was erased. After 11 seconds, the
   * stores do it once more, for what other processes stored before they knew; if this process ends before,
   * call it again.
   *
   * @returns what became of it; call it again if it is not complete
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws TrackingError `NOT_STORED` if nothing was erased, because the database does not answer
   * @example
   * ```ts
   * const { complete, stores, unreachable } = await privacy.erase('ann@example.com');
   * ```
   */
  async erase(recipient: string): Promise<ErasureReport> {
    const person = this.personOf('erase', recipient);
    const erasedAt = this.access.now();
    await this.access.write((store) => store.bury(person.hashes[0]!, erasedAt));
    this.register.tombstones.forget(person.address);
    this.access.core.consents?.forget(person.address);
    const report = await eraseFrom(findStores(this.discovery), person, new Date(erasedAt));
    this.secondPass.plan(person, report.erasedAt);
    return report;
  }

  private personOf(query: string, recipient: unknown): Person {
    const { address } = checkRecipient(query, recipient);
    return { address, hashes: this.access.core.keys.digests(address) };
  }
}
