import {
  BadGatewayException,
  ConflictException,
  Injectable,
  Logger,
  type OnModuleDestroy,
} from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { isTrackingError, TrackingService } from 'nestjs-email-tracking';
import {
  tracked,
  type TrackedOptions,
  type TrackingOutcome,
  trackingPlugin,
} from 'nestjs-email-tracking/nodemailer';
import { SuppressionService } from 'nestjs-email-tracking/suppression';
import { SmtpServer } from '../inbox/smtp-server.js';
import { domainOf, Settings } from '../settings.js';
import { scopeName, suppressionName } from '../words.js';
import { makeDkimKey } from './dkim-key.js';

export interface OutgoingMail {
  messageId: string;
  to: string;
  subject: string;
  html?: string;
  text?: string;
}

/** What became of a mail on its way out. */
export interface Sent {
  outcome: TrackingOutcome;
  /** As it was sent. */
  html: string | undefined;
}

/** Nodemailer, connected to the SMTP server of this process or to the one of `SMTP_URL`. */
@Injectable()
export class MailTransport implements OnModuleDestroy {
  private readonly logger = new Logger(MailTransport.name);
  private transporter?: Transporter;
  /** By message id, for as long as the mail is being sent. */
  private readonly sent = new Map<string, Sent>();

  constructor(
    private readonly settings: Settings,
    private readonly smtpServer: SmtpServer,
    private readonly tracking: TrackingService,
    private readonly suppression: SuppressionService,
  ) {}

  /** @throws TrackingError `SUPPRESSION_UNKNOWN` if nobody knows whether its recipient may be written to */
  async send(mail: OutgoingMail, options: TrackedOptions): Promise<Sent> {
    // Made at the first mail: the SMTP server must be listening for its port to be known.
    this.transporter ??= this.connect();
    try {
      await this.transporter.sendMail({
        from: this.settings.mailFrom,
        // Input must not make Nodemailer read files or load URLs.
        disableFileAccess: true,
        disableUrlAccess: true,
        ...tracked(mail, options),
      });
      return this.sent.get(mail.messageId)!;
    } catch (error) {
      if (isTrackingError(error)) {
        if (error.code !== 'ALL_SUPPRESSED') throw error;
        const { unsubscribe } = options;
        throw await this.refusal(mail.to, unsubscribe ? unsubscribe.list : undefined);
      }
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`The mail was not sent: ${reason}`);
      throw new BadGatewayException(`The SMTP server rejected the mail: ${reason}`);
    } finally {
      this.sent.delete(mail.messageId);
    }
  }

  onModuleDestroy(): void {
    this.transporter?.close();
  }

  private async refusal(to: string, list: string | undefined): Promise<ConflictException> {
    const found = await this.suppression.check(to, { list });
    const why = found.suppressed
      ? `: ${suppressionName(found.reason)} (${scopeName(found.scope)})`
      : '';
    return new ConflictException([
      `to: this mail is not sent, because its recipient is suppressed${why}. Lift that on the page ` +
        'Suppressed.',
    ]);
  }

  private connect(): Transporter {
    const transporter = this.createTransporter();
    const plugin = trackingPlugin(this.tracking, {
      suppression: { service: this.suppression },
      onOutcome: (outcome, { data }) =>
        void this.sent.set(outcome.messageId!, { outcome, html: (data as OutgoingMail).html }),
    });
    transporter.use('compile', plugin);
    return transporter;
  }

  private createTransporter(): Transporter {
    const { smtpUrl, mailFrom, dkimKey } = this.settings;
    // Whoever really sends the mails signs them with a key that is in the DNS.
    if (smtpUrl) return createTransport(smtpUrl);
    return createTransport({
      host: '127.0.0.1',
      port: this.smtpServer.port ?? 0,
      ignoreTLS: true,
      dkim: {
        domainName: domainOf(mailFrom),
        keySelector: 'sample',
        privateKey: dkimKey ?? makeDkimKey(),
      },
    });
  }
}
