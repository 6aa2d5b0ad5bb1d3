import type { Queue } from 'bullmq';
import { clientOf } from './connection.js';

/** How long an id is remembered, in seconds: as long as completed jobs are kept. */
const AGE_SECONDS = 3600;
/** How many ids one of the two sets may have: about 15 MB for both. */
const GENERATION = 100_000;

const HAS = 'emailTrackingFinishedHas';
const ADD = 'emailTrackingFinishedAdd';

const HAS_SCRIPT = `
local found = {}
for i, id in ipairs(ARGV) do
  if redis.call('SISMEMBER', KEYS[1], id) == 1 or redis.call('SISMEMBER', KEYS[2], id) == 1 then
    found[#found + 1] = i
  end
end
return found`;

// One script, because two workers that rename one after the other would forget a generation.
const ADD_SCRIPT = `
redis.call('SADD', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[1])
if redis.call('SCARD', KEYS[1]) > tonumber(ARGV[2]) then
  redis.call('RENAME', KEYS[1], KEYS[2])
end
return 1`;

/**
 * The ids of events for which nothing is left to do. What comes a second time (a batch whose worker
 * died half-way, a provider that repeats itself) is known by them.
 */
export class FinishedEvents {
  private readonly keys: [string, string];
  private defined: Promise<Awaited<ReturnType<typeof clientOf>>> | undefined;

  constructor(private readonly queue: Queue) {
    this.keys = [queue.toKey('finished'), queue.toKey('finished-before')];
  }

  /** @returns which of the ids are finished */
  async known(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const client = await this.client();
    const places = (await client.runCommand(HAS, [...this.keys, ...ids])) as number[];
    return new Set(places.map((place) => ids[place - 1]!));
  }

  async add(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const client = await this.client();
    await client.runCommand(ADD, [...this.keys, AGE_SECONDS, GENERATION, ...ids]);
  }

  private client(): Promise<Awaited<ReturnType<typeof clientOf>>> {
    this.defined ??= clientOf(this.queue).then((client) => {
      client.defineCommand(HAS, { numberOfKeys: 2, lua: HAS_SCRIPT, readOnly: true });
      client.defineCommand(ADD, { numberOfKeys: 2, lua: ADD_SCRIPT });
      return client;
    });
    return this.defined;
  }
}
