import { createHmac } from 'node:crypto';
import type { SqlClient } from '../../sql/sql-client.js';
import type { ReaderRow } from './reader.js';
import type { EventRow } from './stored-event.js';
import type { Tables } from './tables.js';
import { uuidOf } from './values.js';
import type { Batch } from './write-events.js';

/**
 * Turns hashes into the keys of rows: HMAC-SHA256 under the secret of the store. An address or a URL can
 * be guessed from its hash, and not from its key. Step 5 of the migrations does the same in SQL.
 */
export class RowKeys {
  constructor(private readonly secret: Buffer) {}

  /** Returns the key for a hash made by `uuidOf`. */
  uuid(hash: string): string {
    return uuidFrom(this.digest(hash));
  }

  /** Returns the key for a hash made by `bigintOf`. */
  bigint(hash: string): string {
    return this.digest(hash).readBigInt64BE().toString();
  }

  /** Returns the identity of an event of our own links: its id, if that is a UUID. */
  identity(eventId: string): string {
    const hash = uuidOf(eventId);
    return hash === eventId ? eventId : this.uuid(hash);
  }

  /** Returns a batch whose hashes are keys. */
  batch({ events, prepared }: Batch): Batch {
    return {
      events: events.map(({ event, reader }) => ({
        event: this.event(event),
        reader: this.reader(reader),
      })),
      prepared: prepared.map((reader) => this.reader(reader)),
    };
  }

  private event(event: EventRow): EventRow {
    const isOwnId = event.identity === event.event_id;
    const isKept = isOwnId && (event.mode === null || isRandom(event.identity));
    const identity = isKept ? event.identity : this.uuid(event.identity);
    return {
      ...event,
      identity,
      // A provider's id, or that of a link to leave by, may be made of the mail and its recipient.
      event_id: event.mode === null ? event.event_id : identity,
      reader: this.uuid(event.reader),
      place_key: event.place_key === null ? null : this.bigint(event.place_key),
      url_key: event.url_key === null ? null : this.bigint(event.url_key),
    };
  }

  private reader(reader: ReaderRow): ReaderRow {
    return { ...reader, key: this.uuid(reader.key) };
  }

  private digest(hash: string): Buffer {
    return createHmac('sha256', this.secret).update(hash).digest();
  }
}

/** Reads the secret, which the migration made. */
export async function readRowKeys(client: SqlClient, { secrets }: Tables): Promise<RowKeys> {
  const { rows } = await client.query(`select encode(secret, 'hex') as secret from ${secrets}`, []);
  return new RowKeys(Buffer.from(rows[0]!.secret as string, 'hex'));
}

/** Whether an id is a random UUID: made of nothing that is known. */
export function isRandom(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id);
}

function uuidFrom(digest: Buffer): string {
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
