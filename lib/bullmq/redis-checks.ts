import type { RedisQueueBackend } from 'bullmq';

type Client = Awaited<RedisQueueBackend['client']>;

/** The part of a logger that is used. */
interface Log {
  log(message: string): void;
  warn(message: string): void;
}

/** How Redis keeps what it acknowledged. */
export interface RedisDurability {
  /** `maxmemory-policy`; `undefined` where Redis does not say. */
  evictionPolicy: string | undefined;
  /** Whether it appends each write to a file. */
  appendOnly: boolean | undefined;
  /** When that file is synced: `always`, `everysec`, `no`. */
  appendFsync: string | undefined;
  /** When snapshots are made: the `save` setting, empty for never. */
  snapshots: string | undefined;
}

/** Asks Redis how it keeps what it acknowledged. What a managed Redis forbids is left out. */
export async function readDurability(client: Client): Promise<RedisDurability> {
  const info = await client.info();
  const told = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const aof = told('aof_enabled');
  return {
    evictionPolicy: told('maxmemory_policy') ?? (await setting(client, 'maxmemory-policy')),
    appendOnly: aof === undefined ? undefined : aof === '1',
    appendFsync: await setting(client, 'appendfsync'),
    snapshots: await setting(client, 'save'),
  };
}

/** Says in the log what would lose accepted hits. */
export function reportDurability(durability: RedisDurability, logger: Log): void {
  const { evictionPolicy, appendOnly, appendFsync, snapshots } = durability;
  if (evictionPolicy !== undefined && evictionPolicy !== 'noeviction') {
    logger.warn(
      `Redis has maxmemory-policy ${evictionPolicy}: when its memory is full, it evicts jobs ` +
        'and loses accepted hits. Set it to noeviction, or use another Redis for the queue.',
    );
  }
  if (appendOnly === undefined) {
    logger.log('Redis does not report how it persists data; ask its operator what a crash loses.');
  } else if (appendOnly) {
    logger.log(
      `Redis persists to an append-only file: ${APPEND_LOSES[appendFsync ?? ''] ?? UNKNOWN}`,
    );
  } else if (snapshots === '') {
    logger.warn('Redis persists nothing: a restart of Redis loses every waiting hit.');
  } else {
    logger.log(
      'Redis persists with snapshots only: a crash loses every hit since the last one. ' +
        'Set appendonly yes with appendfsync everysec to lose a second at most.',
    );
  }
}

const UNKNOWN = 'what a crash loses depends on appendfsync, which Redis does not report.';

const APPEND_LOSES: Record<string, string> = {
  always: 'every write is synced, so a crash loses no accepted hit.',
  everysec: 'it is synced every second, so a power cut may lose the last second.',
  no: 'the system decides when to sync, so a power cut may lose half a minute.',
};

async function setting(client: Client, name: string): Promise<string | undefined> {
  const { call } = client as { call?: (...args: string[]) => Promise<unknown> };
  if (!call) return undefined;
  try {
    const answer = await call('CONFIG', 'GET', name);
    const value = Array.isArray(answer)
      ? (answer as unknown[])[1]
      : (answer as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    // Managed Redis forbids CONFIG.
    return undefined;
  }
}
