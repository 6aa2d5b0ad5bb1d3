import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { SMTPServer } from 'smtp-server';
import { Settings, SettingsError } from '../settings.js';
import { Inbox } from './inbox.js';
import { parseMail } from './parse-mail.js';

const MAX_MAIL_BYTES = 4 * 1024 * 1024;

/**
 * A real SMTP server in this process, so that mails are sent as in production. It
 * accepts every recipient and delivers to the inbox, and only this machine can reach it.
 */
@Injectable()
export class SmtpServer implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(SmtpServer.name);
  private server?: SMTPServer;

  constructor(
    private readonly settings: Settings,
    private readonly inbox: Inbox,
  ) {}

  /** The port it listens on; null where mails go to `SMTP_URL` instead. */
  get port(): number | null {
    const address = this.server?.server.address() as AddressInfo | null | undefined;
    return address?.port ?? null;
  }

  async onModuleInit(): Promise<void> {
    if (this.settings.smtpUrl) return;
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      size: MAX_MAIL_BYTES,
      maxClients: 20,
      socketTimeout: 10_000,
      closeTimeout: 1_000,
      onData: (stream, session, done) => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        this.receive(stream, recipients).then(() => done(), done);
      },
    });
    await listen(server, this.settings.smtpPort);
    // A client that disconnects early must not stop the app.
    server.on('error', (error: Error) => this.logger.warn(`SMTP: ${error.message}`));
    this.server = server;
  }

  async beforeApplicationShutdown(): Promise<void> {
    const server = this.server;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Answers the client only when the mail can be read in the inbox. */
  private async receive(stream: Readable, recipients: string[]): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // The rest is still read, as the client expects an answer only at its end.
      if (bytes <= MAX_MAIL_BYTES) chunks.push(chunk);
    }
    if (bytes > MAX_MAIL_BYTES) {
      throw Object.assign(new Error(`The mail is larger than ${MAX_MAIL_BYTES} bytes.`), {
        responseCode: 552,
      });
    }
    this.inbox.add(await parseMail(Buffer.concat(chunks), recipients));
  }
}

function listen(server: SMTPServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      reject(
        new SettingsError([
          `Port ${port} is taken: set SMTP_PORT to another one (SMTP_PORT=0 picks a free one).`,
        ]),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}
