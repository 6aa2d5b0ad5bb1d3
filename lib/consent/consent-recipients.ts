import type { Person, RecipientStore } from '../plugin.js';
import type { ConsentRecord } from './consent.js';
import type { ConsentRow } from './consent-store.js';
import type { PrivacyAccess } from './privacy-access.js';

/** What the register itself keeps about a person. */
export class ConsentRecipients implements RecipientStore {
  readonly name = 'consents';

  constructor(private readonly access: PrivacyAccess) {}

  async *export({ hashes }: Person): AsyncGenerator<Record<string, unknown>> {
    const own = hashes.map(({ hash }) => hash);
    const rows = await this.access.ask((store) => store.records(own));
    for (const row of rows) yield { ...toRecord(row) };
    const erasures = await this.access.ask((store) => store.erasures(own));
    for (const at of erasures.values()) yield { what: 'erased', at: new Date(at) };
  }

  anonymise(): Promise<void> {
    return Promise.resolve();
  }

  /** What stays is when the person was erased, under a hash. */
  async erase({ hashes }: Person): Promise<void> {
    await this.access.write((store) => store.forget(hashes.map(({ hash }) => hash)));
  }
}

/** A row as users see it. */
export function toRecord({ at, proof, ...row }: ConsentRow): ConsentRecord {
  return {
    ...row,
    proof: proof === null ? null : (JSON.parse(proof) as unknown),
    at: new Date(at),
  };
}
