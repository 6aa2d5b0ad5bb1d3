// Filtering 100 000 addresses through the service, and by bare queries of the same parts.

import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Logger } from '@nestjs/common';
import { KeyRing } from '../../dist/link/key-ring.js';
import { RECIPIENT_KEYS, RecipientKeys } from '../../dist/link/recipient-keys.js';
import { SuppressionService } from '../../dist/suppression/index.js';
import { toSuppressionSettings } from '../../dist/suppression/suppression-options.js';

Logger.overrideLogger(false);

/** How many addresses one query asks for. */
const PART = 1000;

/** Every so many addresses of a mailing one is suppressed. */
const EVERY = 50;

/** A list of suppressions and a mailing, and both ways to bring them together. */
export class Filtering {
  static async on(client, { suppressed, mailed, schema = 'bench_filtering' }) {
    const publisher = { keepLeavingsIn: () => undefined };
    const settings = toSuppressionSettings({ client, schema });
    const keys = new RecipientKeys(new KeyRing([randomBytes(32).toString('base64')]));
    const get = (token) => (token === RECIPIENT_KEYS ? keys : publisher);
    const service = new SuppressionService(settings, { get });
    await service.onModuleInit();
    const records = Array.from(
      { length: suppressed },
      (_, i) => `"reader${i * EVERY}@example.com"\n`,
    );
    await service.import(records, { scope: 'lists', why: 'bench' });
    await client.query(`analyze "${schema}".tracking_suppressions`, []);
    const readers = Array.from({ length: mailed }, (_, i) => ({ email: `Reader${i}@Example.com` }));
    return new Filtering(client, service, schema, readers);
  }

  constructor(client, service, schema, readers) {
    Object.assign(this, { client, service, schema, readers });
    this.keys = readers.map(({ email }) => email.toLowerCase());
    this.left = readers.length - Math.ceil(readers.length / EVERY);
  }

  /** @returns addresses a second */
  async ours() {
    const options = { list: 'news' };
    return this.rate(() => this.service.filter(this.readers, ({ email }) => email, options));
  }

  /** The addresses are ready as the table has them. @returns addresses a second */
  async bare() {
    const text = `select address from "${this.schema}".tracking_suppressions where address = any($1)`;
    return this.rate(async () => {
      const left = [];
      for (let start = 0; start < this.keys.length; start += PART) {
        const part = this.keys.slice(start, start + PART);
        const { rows } = await this.client.query(text, [part]);
        const gone = new Set(rows.map(({ address }) => address));
        for (let i = 0; i < part.length; i++) {
          if (!gone.has(part[i])) left.push(this.readers[start + i]);
        }
      }
      return left;
    });
  }

  async rate(filter) {
    const started = performance.now();
    const left = await filter();
    const seconds = (performance.now() - started) / 1000;
    if (left.length !== this.left) throw new Error(`${left.length} are left, and not ${this.left}`);
    return this.readers.length / seconds;
  }

  end() {
    return this.client.query(`drop schema "${this.schema}" cascade`, []);
  }
}
