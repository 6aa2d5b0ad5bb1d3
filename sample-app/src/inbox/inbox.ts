import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { storable, storableOrNull, Tables } from '../database/tables.js';
import { WriteBehind } from '../database/write-behind.js';

const MAX_MAILS = 200;
/** How long a start waits for the mails of earlier runs. */
const LOAD_MS = 2000;

/** A mail as the list shows it. */
export interface MailSummary {
  id: string;
  messageId: string | null;
  to: string;
  subject: string;
  date: Date;
}

/** A mail as it is read. */
export interface MailContent {
  html: string | null;
  text: string | null;
  headers: Record<string, string>;
}

export type ReceivedMail = Omit<MailSummary, 'id'> & MailContent;

/**
 * Keeps the last mails in memory, and in the database for the next run. Ids are valid for one run.
 */
@Injectable()
export class Inbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private mails: (ReceivedMail & { id: string })[] = [];
  private lastId = 0;
  private readonly writes = new WriteBehind(Inbox.name);

  constructor(private readonly tables: Tables) {
    // Before the first write, so that new mails are not read a second time.
    this.writes.add(() => this.load());
  }

  async onApplicationBootstrap(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LOAD_MS)));
    await Promise.race([this.writes.run(), late]);
    clearTimeout(timer);
  }

  add(mail: ReceivedMail): void {
    const stored = { ...mail, id: String(++this.lastId) };
    this.mails = [stored, ...this.mails].slice(0, MAX_MAILS);
    this.writes.add(() => this.store(mail));
  }

  /** Newest first. */
  list(): MailSummary[] {
    return this.mails.map(({ id, messageId, to, subject, date }) => ({
      id,
      messageId,
      to,
      subject,
      date,
    }));
  }

  find(id: string): MailContent | undefined {
    const mail = this.mails.find((candidate) => candidate.id === id);
    return mail && { html: mail.html, text: mail.text, headers: mail.headers };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.writes.close();
  }

  private async store(mail: ReceivedMail): Promise<void> {
    await this.tables.query(
      `insert into sample_received (message_id, recipient, subject, date, html, text, headers)
      values ($1, $2, $3, $4::timestamptz, $5, $6, $7)`,
      [
        storableOrNull(mail.messageId),
        storable(mail.to),
        storable(mail.subject),
        mail.date.toISOString(),
        storableOrNull(mail.html),
        storableOrNull(mail.text),
        storable(JSON.stringify(mail.headers)),
      ],
    );
    await this.tables.query(
      `delete from sample_received where key <= (
        select key from sample_received order by key desc limit 1 offset ${MAX_MAILS})`,
      [],
    );
  }

  private async load(): Promise<void> {
    const { rows } = await this.tables.query(
      `select message_id, recipient, subject, date, html, text, headers
      from sample_received order by key desc limit ${MAX_MAILS}`,
      [],
    );
    const earlier = rows.map((row) => ({
      id: String(++this.lastId),
      messageId: row.message_id as string | null,
      to: row.recipient as string,
      subject: row.subject as string,
      date: new Date(row.date as Date),
      html: row.html as string | null,
      text: row.text as string | null,
      headers: JSON.parse(row.headers as string) as Record<string, string>,
    }));
    this.mails = [...this.mails, ...earlier].slice(0, MAX_MAILS);
  }
}
