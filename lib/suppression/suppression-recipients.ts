import type { Person, RecipientStore } from '../plugin.js';
import { toSuppression } from './answers.js';
import { historyOf } from './history.js';
import type { SuppressionAccess } from './suppression-access.js';

/** What the list keeps about a person. An erasure keeps it under a hash: nobody must be written to again. */
export class SuppressionRecipients implements RecipientStore {
  readonly name = 'suppression';

  constructor(private readonly access: SuppressionAccess) {}

  async *export({ address }: Person): AsyncGenerator<Record<string, unknown>> {
    const rows = await this.access.ask((store, now) => store.find([address], now));
    for (const row of rows) yield { what: 'suppression', ...toSuppression(row) };
    const { facts, days } = historyOf(await this.access.ask((store) => store.factsOf(address)));
    for (const fact of facts) yield { what: 'fact', ...fact };
    for (const day of days) yield { what: 'day', ...day };
  }

  anonymise(): Promise<void> {
    return Promise.resolve();
  }

  erase({ address }: Person): Promise<void> {
    return this.access.erase(address);
  }
}
