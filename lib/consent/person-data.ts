import type { DiscoveryService } from '@nestjs/core';
import { type Person, RECIPIENT_STORE, type RecipientStore } from '../plugin.js';
import { codeOf } from '../sql/sql-client.js';
import { isTrackingError } from '../tracking.error.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { findProviders } from '../util/find-provider.js';
import { isObject } from '../util/is-object.js';

/** How long one store may take for one step, in milliseconds. */
const STEP_MS = 60_000;

/** What became of an erasure in one store. */
export interface StoreErasure {
  /** The name of the store. */
  store: string;
  /** Whether all that it had to do is done. If not, call `erase` again. */
  done: boolean;
  /** What failed, without addresses; `null` if nothing did. */
  problem: string | null;
}

/** What became of an erasure. */
export interface ErasureReport {
  /** From when on the person counts as erased: mails that were sent before name nobody any more. */
  erasedAt: Date;
  /** Whether every store is done. If not, call `erase` again. */
  complete: boolean;
  /** What became of it in each store. */
  stores: StoreErasure[];
  /** What this package cannot reach, in words for the person who asked. */
  unreachable: string[];
}

/** What no store can reach. */
const UNREACHABLE = [
  'what webhooks have delivered to other systems',
  'backups and copies of the databases',
  'logs of the servers, proxies and hosts',
];

/** Finds the stores of all modules. */
export function findStores(discovery: DiscoveryService): RecipientStore[] {
  return findProviders(discovery, RECIPIENT_STORE).filter(isStore);
}

function isStore(value: unknown): value is RecipientStore {
  return isObject(value) && typeof value.erase === 'function';
}

/**
 * Erases a person from each store. What fails in one is reported, and stops no other.
 *
 * @param before up to when what is counted becomes anonymous
 */
export async function eraseFrom(
  stores: readonly RecipientStore[],
  person: Person,
  erasedAt: Date,
  before = erasedAt,
): Promise<ErasureReport> {
  const times = { erasedAt, before };
  const results = await Promise.all(stores.map((store) => eraseIn(store, person, times)));
  const unreachable = stores.flatMap((store) => store.unreachable ?? []);
  return {
    erasedAt,
    complete: results.every(({ done }) => done),
    stores: results,
    unreachable: [...new Set([...UNREACHABLE, ...unreachable])],
  };
}

async function eraseIn(
  store: RecipientStore,
  person: Person,
  { erasedAt, before }: { erasedAt: Date; before: Date },
): Promise<StoreErasure> {
  const problems = [
    await failureOf('anonymise', () => store.anonymise(person, before)),
    await failureOf('erase', () => store.erase(person, erasedAt)),
  ].filter((problem) => problem !== undefined);
  const problem = problems.length === 0 ? null : problems.join('; ');
  return { store: store.name, done: problem === null, problem };
}

async function failureOf(what: string, work: () => Promise<void>): Promise<string | undefined> {
  try {
    const done = await withDeadline(
      Promise.resolve().then(() => work()),
      STEP_MS,
    );
    return done === LATE ? `${what}: no answer in time` : undefined;
  } catch (error) {
    return `${what}: ${whyOf(error)}`;
  }
}

/** Only errors of this package are known to have no address in their message. */
function whyOf(error: unknown): string {
  return isTrackingError(error) ? error.message : `failed (${codeOf(error) ?? 'no code'})`;
}

/** Exports what each store keeps about a person, one line of JSON for each record. */
export async function* exportFrom(
  stores: readonly RecipientStore[],
  person: Person,
): AsyncGenerator<string> {
  for (const store of stores) {
    const records = store.export(person)[Symbol.asyncIterator]();
    for (;;) {
      const next = await nextOf(store, records);
      if (next.done) break;
      yield `${JSON.stringify({ store: store.name, data: next.value })}\n`;
    }
  }
}

async function nextOf(
  { name }: RecipientStore,
  records: AsyncIterator<Record<string, unknown>>,
): Promise<IteratorResult<Record<string, unknown>>> {
  let why = 'no answer in time';
  try {
    const next = await withDeadline(records.next(), STEP_MS);
    if (next !== LATE) return next;
  } catch (error) {
    why = whyOf(error);
  }
  throw new Error(`The export is incomplete: the store '${name}' could not be read (${why}).`);
}
