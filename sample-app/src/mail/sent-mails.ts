import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { LinkReport, PrivacyMode } from 'nestjs-email-tracking';
import { storable, storableOrNull, Tables } from '../database/tables.js';
import { WriteBehind } from '../database/write-behind.js';

/** A mail that was sent, kept to show numbers on it. */
export interface StoredMail {
  /** Without brackets. */
  messageId: string;
  recipient: string;
  subject: string;
  campaign: string | null;
  /** The most that it may let record, as its sender chose. */
  privacy: PrivacyMode;
  sentAt: Date;
  /** As it was sent. */
  html: string | null;
  /** Its tracked links. */
  links: LinkReport[];
  pixelUrl: string | null;
}

/** A mail in a list. */
export type SentSummary = Pick<StoredMail, 'messageId' | 'subject' | 'sentAt'>;

const MAX_RECENT = 200;
/** How many mails of a campaign are searched for different subjects. */
const MAX_LOOKED_AT = 500;
const MAX_SUBJECTS = 8;

/** A Message-ID without brackets, as providers and the store write it. */
export const bareId = (messageId: string): string => messageId.replace(/^<(.*)>$/s, '$1');

const COLUMNS = `message_id, recipient, subject, campaign, privacy, sent_at, html, links, pixel_url`;

/** Mails that were sent: the last ones in memory, all of them in the database. */
@Injectable()
export class SentMails implements BeforeApplicationShutdown {
  private readonly recent = new Map<string, StoredMail>();
  private readonly writes = new WriteBehind(SentMails.name);

  constructor(private readonly tables: Tables) {}

  add(mail: StoredMail): void {
    this.recent.set(mail.messageId, mail);
    const [oldest] = this.recent.keys();
    if (this.recent.size > MAX_RECENT) this.recent.delete(oldest!);
    this.writes.add(() => this.store(mail));
  }

  async find(messageId: string): Promise<StoredMail | null> {
    const recent = this.recent.get(messageId);
    if (recent) return recent;
    const { rows } = await this.tables.query(
      `select ${COLUMNS} from sample_sent where message_id = $1`,
      [storable(messageId)],
    );
    return rows[0] ? toMail(rows[0]) : null;
  }

  /** The latest mail of each subject of a campaign, the latest first. */
  async ofCampaign(campaign: string): Promise<SentSummary[]> {
    await this.writes.run();
    const { rows } = await this.tables.query(
      `select distinct on (subject) message_id, subject, sent_at from (
        select message_id, subject, sent_at from sample_sent
        where campaign = $1 order by sent_at desc limit ${MAX_LOOKED_AT}) as latest
      order by subject, sent_at desc`,
      [storable(campaign)],
    );
    return rows
      .map((row) => ({
        messageId: row.message_id as string,
        subject: row.subject as string,
        sentAt: new Date(row.sent_at as Date),
      }))
      .sort((one, other) => other.sentAt.getTime() - one.sentAt.getTime())
      .slice(0, MAX_SUBJECTS);
  }

  /** The latest mail of a campaign. */
  async latestOf(campaign: string): Promise<StoredMail | null> {
    const [latest] = await this.ofCampaign(campaign);
    return latest ? this.find(latest.messageId) : null;
  }

  /** The mails to a recipient, by an address in lower case, the latest first. */
  async of(addresses: readonly string[], limit: number): Promise<StoredMail[]> {
    await this.writes.run();
    const { rows } = await this.tables.query(
      `select ${COLUMNS} from sample_sent where lower(recipient) = any($1)
      order by sent_at desc limit $2`,
      [addresses.map(storable), limit],
    );
    return rows.map(toMail);
  }

  /** The recipients of the latest mails, the latest first. */
  async latestRecipients(limit: number): Promise<string[]> {
    await this.writes.run();
    const { rows } = await this.tables.query(
      `select recipient from (
        select lower(recipient) as recipient, sent_at from sample_sent
        order by sent_at desc limit ${MAX_LOOKED_AT}) as latest
      group by recipient order by max(sent_at) desc limit $1`,
      [limit],
    );
    return rows.map((row) => row.recipient as string);
  }

  /** Removes the mails to a recipient: their links hold the address, sealed. */
  async forget(addresses: readonly string[]): Promise<void> {
    await this.writes.run();
    for (const [messageId, { recipient }] of this.recent) {
      if (addresses.includes(recipient.toLowerCase())) this.recent.delete(messageId);
    }
    await this.tables.query(`delete from sample_sent where lower(recipient) = any($1)`, [
      addresses.map(storable),
    ]);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.writes.close();
  }

  private async store(mail: StoredMail): Promise<void> {
    await this.tables.query(
      `insert into sample_sent
        (${COLUMNS})
      values ($1, $2, $3, $4, $5, $6::timestamptz, $7, $8, $9) on conflict do nothing`,
      [
        mail.messageId,
        storable(mail.recipient),
        storable(mail.subject),
        storableOrNull(mail.campaign),
        mail.privacy,
        mail.sentAt.toISOString(),
        storableOrNull(mail.html),
        storable(JSON.stringify(mail.links)),
        mail.pixelUrl,
      ],
    );
  }
}

function toMail(row: Record<string, unknown>): StoredMail {
  return {
    messageId: row.message_id as string,
    recipient: row.recipient as string,
    subject: row.subject as string,
    campaign: row.campaign as string | null,
    privacy: row.privacy as PrivacyMode,
    sentAt: new Date(row.sent_at as Date),
    html: row.html as string | null,
    links: JSON.parse(row.links as string) as LinkReport[],
    pixelUrl: row.pixel_url as string | null,
  };
}
