import { Injectable } from '@nestjs/common';

const MAX_MAILS = 200;

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

/** The mails that arrived, in memory: the last ones, and gone when the app stops. */
@Injectable()
export class Inbox {
  private mails: (ReceivedMail & { id: string })[] = [];
  private lastId = 0;

  add(mail: ReceivedMail): void {
    const stored = { ...mail, id: String(++this.lastId) };
    this.mails = [stored, ...this.mails].slice(0, MAX_MAILS);
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
}
