import { Injectable } from '@nestjs/common';
import type { SqlResult } from 'nestjs-email-tracking/stats';
import { Database } from './database.js';

/** The app's own tables, beside those of the package. */
const TABLES = [
  `create table if not exists sample_sent (
    message_id text primary key,
    recipient text not null,
    subject text not null,
    campaign text,
    sent_at timestamptz not null,
    html text,
    links text not null,
    pixel_url text
  )`,
  `create index if not exists sample_sent_campaign on sample_sent (campaign, sent_at desc)`,
  // Since the app has modes; what was sent before was sent with everything.
  `alter table sample_sent add column if not exists privacy text not null default 'identified'`,
  `create index if not exists sample_sent_recipient on sample_sent (lower(recipient), sent_at desc)`,
  `create table if not exists sample_received (
    key bigint generated always as identity primary key,
    message_id text,
    recipient text not null,
    subject text not null,
    date timestamptz not null,
    html text,
    text text,
    headers text not null
  )`,
];

/** Queries on the app's own tables, which are made before the first of them. */
@Injectable()
export class Tables {
  private made: Promise<void> | undefined;

  constructor(private readonly database: Database) {}

  async query(text: string, values: unknown[]): Promise<SqlResult> {
    this.made ??= this.make().catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    await this.made;
    return this.database.query(text, values);
  }

  private async make(): Promise<void> {
    for (const statement of TABLES) await this.database.query(statement, []);
  }
}

/** Text as PostgreSQL holds it: without U+0000 and halves of characters. */
export const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** The same for what may be absent. */
export const storableOrNull = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : storable(text);
