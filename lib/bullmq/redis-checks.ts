import type { Logger } from '@nestjs/common';
import type { RedisQueueBackend } from 'bullmq';

/** Warns of settings of Redis that lose accepted hits. */
export async function checkRedis(
  client: Awaited<RedisQueueBackend['client']>,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  const info = await client.info();
  const told = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const policy = told('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    logger.warn(
      `Redis has maxmemory-policy ${policy}: when its memory is full, it evicts jobs and loses ` +
        'accepted hits. Set it to noeviction, or use another Redis for the queue.',
    );
  }
  if (told('aof_enabled') === '0') {
    logger.warn(
      'Redis does not append writes to a file (appendonly no), so a crash of Redis loses accepted ' +
        'hits. Set appendonly yes; appendfsync everysec loses a second at most.',
    );
  }
}
