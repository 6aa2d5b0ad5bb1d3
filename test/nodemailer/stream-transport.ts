import {
  type MailTracker,
  type TrackingOutcome,
  trackingPlugin,
  type TrackingPluginDefaults,
} from 'nestjs-email-tracking/nodemailer';
import { type ParsedMail, simpleParser } from 'mailparser';
import { withoutChance } from './mail-server.js';
import type { NODEMAILERS } from './nodemailers.js';

export interface Composed {
  /** What would go over the wire, without what differs each time. */
  wire: string;
  raw: string;
  parsed: ParsedMail;
  outcomes: TrackingOutcome[];
}

type MailMaker = () => object | Promise<object>;

/** Composes mails as an SMTP transport would, without one. */
export class Composer {
  constructor(
    private readonly createTransport: (typeof NODEMAILERS)[number][1],
    private readonly tracking: MailTracker,
  ) {}

  async compose(
    mail: object,
    defaults: TrackingPluginDefaults = {},
    options: object = {},
    transporterDefaults: object = {},
  ): Promise<Composed> {
    const outcomes: TrackingOutcome[] = [];
    const onOutcome = (outcome: TrackingOutcome) => void outcomes.push(outcome);
    const plugin = trackingPlugin(this.tracking, { onOutcome, ...defaults });
    const raw = await this.send(mail, options, plugin, transporterDefaults);
    return this.composed(raw, outcomes);
  }

  /** The same without the plugin. */
  async composeBare(mail: object, options: object = {}): Promise<Composed> {
    return this.composed(await this.send(mail, options), []);
  }

  /** Both, for mails that hold streams and so cannot be sent twice. */
  async composeBoth(make: MailMaker, defaults: TrackingPluginDefaults = {}, options: object = {}) {
    const bare = await this.composeBare(await make(), options);
    return { bare, composed: await this.compose(await make(), defaults, options) };
  }

  private async composed(raw: Buffer, outcomes: TrackingOutcome[]): Promise<Composed> {
    const parsed = await simpleParser(raw, { skipTextToHtml: true, skipHtmlToText: true });
    return { wire: withoutChance(raw), raw: raw.toString('latin1'), parsed, outcomes };
  }

  private async send(
    mail: object,
    options: object,
    plugin?: (mail: never, callback: never) => void,
    defaults: object = {},
  ): Promise<Buffer> {
    const transport = { streamTransport: true, buffer: true, newline: 'windows', ...options };
    const transporter = this.createTransport(transport, defaults);
    if (plugin) transporter.use('compile', plugin);
    const { message } = await transporter.sendMail(mail);
    return message as Buffer;
  }
}
