import { BadGatewayException, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { SmtpServer } from '../inbox/smtp-server.js';
import { Settings } from '../settings.js';

export interface OutgoingMail {
  messageId: string;
  to: string;
  subject: string;
  html?: string;
  text?: string;
}

/** Nodemailer, connected to the SMTP server of this process or to the one of `SMTP_URL`. */
@Injectable()
export class MailTransport implements OnModuleDestroy {
  private readonly logger = new Logger(MailTransport.name);
  private transporter?: Transporter;

  constructor(
    private readonly settings: Settings,
    private readonly smtpServer: SmtpServer,
  ) {}

  async send(mail: OutgoingMail): Promise<void> {
    // Made at the first mail: the SMTP server must be listening for its port to be known.
    this.transporter ??= this.connect();
    try {
      await this.transporter.sendMail({
        from: this.settings.mailFrom,
        // Input must not make Nodemailer read files or load URLs.
        disableFileAccess: true,
        disableUrlAccess: true,
        ...mail,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`The mail was not sent: ${reason}`);
      throw new BadGatewayException(`The SMTP server rejected the mail: ${reason}`);
    }
  }

  onModuleDestroy(): void {
    this.transporter?.close();
  }

  private connect(): Transporter {
    if (this.settings.smtpUrl) return createTransport(this.settings.smtpUrl);
    return createTransport({ host: '127.0.0.1', port: this.smtpServer.port ?? 0, ignoreTLS: true });
  }
}
