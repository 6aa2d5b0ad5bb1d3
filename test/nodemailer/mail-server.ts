import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived. */
export interface ReceivedMail {
  raw: Buffer;
  from: string;
  to: string[];
  parsed: ParsedMail;
}

/** A real SMTP server on the loopback, and what it was sent. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        void simpleParser(raw, { skipTextToHtml: true, skipHtmlToText: true }).then((parsed) => {
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom === false ? '' : mailFrom.address;
          this.mails.push({ raw, from, to: rcptTo.map(({ address }) => address), parsed });
          done();
        });
      });
    },
  });

  static async start(): Promise<MailServer> {
    const mailServer = new MailServer();
    await new Promise<void>((resolve) => mailServer.server.listen(0, '127.0.0.1', resolve));
    return mailServer;
  }

  /** What a transporter connects to. */
  get transport() {
    const { port } = this.server.server.address() as AddressInfo;
    return { host: '127.0.0.1', port, secure: false, ignoreTLS: true };
  }

  /** The mail that came last; the list is empty afterwards. */
  take(): ReceivedMail {
    const mail = this.mails.pop();
    if (mail === undefined) throw new Error('No mail has arrived.');
    this.mails.length = 0;
    return mail;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** The body and the headers without what differs each time: ids, dates and boundaries. */
export function withoutChance(raw: Buffer): string {
  return raw
    .toString('latin1')
    .replace(/^(?:Message-ID|Date): .*\r\n/gim, '')
    .replace(/--_NmP-[\w-]+/g, '--boundary');
}

/** The tracking URLs of a mail, by where they stand. */
export function linksIn(html: string | false | undefined) {
  const text = html || '';
  return {
    clicks: [...text.matchAll(/<a href="([^"]*)"/g)].map(([, url]) => url!),
    pixels: [...text.matchAll(/<img src="([^"]*\/open\/[^"]*)"/g)].map(([, url]) => url!),
  };
}
