import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { EventPublisher, type TrackingEvent } from 'nestjs-email-tracking';
import { everythingIn } from './redis-setups.js';

/** Who was erased, in place of the gate of the core. */
export class Erasures {
  readonly erased = new Set<string>();
  /** How often events are checked from now on before there is an answer. */
  silent = 0;
  asked = 0;

  /** Lets publishers ask here until mocks are restored. They must, before an app starts to work. */
  connect(): void {
    const recheck = jest.spyOn(EventPublisher.prototype, 'recheck');
    recheck.mockImplementation((event) => this.recheck(event));
  }

  isErased({ recipient }: { recipient: string }): boolean {
    this.ask();
    return this.erased.has(recipient.toLowerCase());
  }

  /** Nobody was asked for consent. */
  resolve(): null {
    return null;
  }

  private recheck(event: TrackingEvent): TrackingEvent | Promise<TrackingEvent> {
    this.ask();
    if (event.recipient === null || !this.erased.has(event.recipient.toLowerCase())) return event;
    return Promise.resolve(narrowed(event));
  }

  private ask(): void {
    this.asked++;
    if (this.silent-- > 0) throw Object.assign(new Error('no answer'), { code: 'ECONNREFUSED' });
  }
}

/** Suppression must know who complained. */
function narrowed(event: TrackingEvent): TrackingEvent {
  const recipient = event.eventType === 'complained' ? event.recipient : null;
  return {
    ...event,
    mode: 'anonymous',
    ...{ recipient, messageId: null, userIp: null, userAgent: null, espEvent: null },
    ...{ description: null, mtaResponse: null, sentAt: null, metadata: {}, tags: [], result: null },
  };
}

/** The ways in which a dump may name somebody. */
export function spellingsOf(address: string): string[] {
  const bytes = Buffer.from(address);
  const hashes = ['md5', 'sha1', 'sha256'].map((name) => createHash(name).update(bytes).digest());
  const encoded = [bytes, ...hashes].flatMap((one) => [
    one.toString('hex'),
    ...[0, 1, 2].flatMap((offset) => base64At(offset, one)),
  ]);
  return [address, ...encoded].map((spelling) => spelling.toLowerCase());
}

/** Where bytes begin in a group of three decides their letters. */
function base64At(offset: number, bytes: Buffer): string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const start = Math.ceil((offset * 8) / 6);
  const end = Math.floor((padded.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((one) => padded.toString(one).slice(start, end));
}

/** Returns the spellings of an address that keys and values of a Redis contain. */
export async function namesIn(redis: { port: number }, address: string): Promise<string[]> {
  const client = new Redis(redis.port, '127.0.0.1');
  try {
    const keys = await client.keys('*');
    const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
    const raw = dumps.map((dump) => dump?.toString('latin1') ?? '').join('\n');
    const text = `${await everythingIn(redis)}\n${keys.join('\n')}\n${raw}`.toLowerCase();
    return spellingsOf(address).filter((spelling) => text.includes(spelling));
  } finally {
    client.disconnect();
  }
}

/** Returns what the files of a folder hold. */
export function filesIn(folder: string): string {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  return paths
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}
