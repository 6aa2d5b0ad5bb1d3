import type { RedisQueueBackend } from 'bullmq';
import type { LineLog } from '../util/log.js';

/** Warns of settings of Redis that lose accepted hits. */
export async function checkRedis(
  client: Awaited<RedisQueueBackend['client']>,
  log: LineLog<'TrackingQueue'>,
): Promise<void> {
  const info = await client.info();
  const told = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const policy = told('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    log.write(
      'REDIS_EVICTS',
      `Redis has maxmemory-policy ${policy}: when its memory is full, it evicts jobs and loses ` +
        'accepted hits. Set it to noeviction, or use another Redis for the queue.',
    );
  }
  if (told('aof_enabled') === '0') {
    log.write(
      'REDIS_NOT_DURABLE',
      'Redis does not append writes to a file (appendonly no), so a crash of Redis loses accepted ' +
        'hits. Set appendonly yes; appendfsync everysec loses a second at most.',
    );
  }
}
