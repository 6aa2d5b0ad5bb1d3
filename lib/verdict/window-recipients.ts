import { addressKey } from '../util/address-key.js';
import { MemoryWindowStore } from './memory-window-store.js';
import type { WindowState, WindowStore } from './window-store.js';

/** Keys as the classifier makes them, of lengths, context, message id and recipient. */
const LENGTHS = /^(\d+)\.(\d+)\./;

/** What windows remember of a person, for exports and erasures: a `RecipientStore`. */
export class WindowRecipients {
  readonly name = 'verdict windows';
  readonly unreachable: readonly string[];
  private readonly memory: MemoryWindowStore | undefined;

  constructor(store: WindowStore) {
    this.memory = store instanceof MemoryWindowStore ? store : undefined;
    const where = this.memory ? 'the memory of other processes' : 'a store outside of the process';
    this.unreachable = [
      `windows of verdicts in ${where}, which end by themselves after windowSeconds (15 minutes by default)`,
    ];
  }

  async *export({ address }: { address: string }): AsyncGenerator<{ window: WindowState }> {
    await Promise.resolve();
    for (const key of this.keysOf(address)) {
      const window = this.memory!.read(key);
      if (window) yield { window };
    }
  }

  /** A window counts nothing, so all of it goes. */
  async anonymise(person: { address: string }): Promise<void> {
    return this.erase(person);
  }

  async erase({ address }: { address: string }): Promise<void> {
    await Promise.resolve();
    for (const key of this.keysOf(address)) this.memory!.forget(key);
  }

  private keysOf(address: string): string[] {
    const keys = [...(this.memory?.keys() ?? [])];
    return keys.filter((key) => isOf(key, address));
  }
}

function isOf(key: string, address: string): boolean {
  const [lengths, context, id] = LENGTHS.exec(key) ?? [];
  if (lengths === undefined) return false;
  const recipient = key.slice(lengths.length + Number(context) + Number(id));
  // Nearly all are written as they are compared, and there may be many.
  if (/^[a-z\d.+_-]+@[a-z\d.-]*[a-z\d]$/.test(recipient)) return recipient === address;
  return recipient !== '' && addressKey(recipient) === address;
}
