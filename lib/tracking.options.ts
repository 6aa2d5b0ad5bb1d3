import 'reflect-metadata';
import { IsBoolean, IsIn, IsOptional, ValidateIf, ValidateNested } from 'class-validator';
import type { TrackingEvent } from './event/tracking-event.js';
import type { LinkCodec } from './link/link-codec.js';
import type { Metadata } from './link/link-payload.js';
import type { PixelFormat } from './link/pixel.js';
import type { TrackingResult } from './link/tracking-result.js';
import type { UrlJoin } from './link/tracking-url.js';
import {
  AbsoluteUrl,
  BaseUrl,
  Context,
  EncryptionKey,
  Format,
  Formats,
  FunctionValue,
  HostName,
  HostPatterns,
  JsonObject,
  Patterns,
  RedirectObject,
  RoutePath,
  Schemes,
  Seconds,
  SigningSecret,
  VerdictObject,
  WebhookList,
  WholeNumber,
} from './tracking.rules.js';
import type { VerdictOptions } from './tracking.verdict-options.js';
import { MAX_WEBHOOK_TIMEOUT_SECONDS, type WebhookOptions } from './tracking.webhook-options.js';

/** A format of links: one of ours by name, or a {@link LinkCodec} of your own. */
export type LinkFormat = 'packed' | 'fernet' | 'plain' | LinkCodec;

/**
 * Where click links may lead. Judged when a link is written and again when it is read. Hosts are
 * exact (`example.com`) or all below a name (`*.example.com`, without `example.com` itself).
 *
 * @example
 * ```ts
 * redirect: {
 *   allowHosts: ['example.com', '*.example.com'],
 *   check: (url) => !takenDown.has(url.href),
 * }
 * ```
 */
export class RedirectOptions {
  /**
   * Schemes that are allowed. Schemes that run code (`javascript`, `data`, …) never are.
   *
   * @default ['http', 'https']
   */
  @IsOptional()
  @Schemes()
  schemes?: string[];

  /**
   * The only hosts that are allowed.
   *
   * @default any host
   */
  @IsOptional()
  @HostPatterns()
  allowHosts?: string[];

  /**
   * Hosts that are refused, also if `allowHosts` names them.
   *
   * @default []
   */
  @IsOptional()
  @HostPatterns()
  denyHosts?: string[];

  /**
   * Whether links may lead to private hosts: special-purpose addresses, `localhost`, `.local`,
   * `.internal` and names without a dot. DNS is never asked.
   *
   * @default true for sealed formats, false for `plain` and for a codec of your own
   */
  @IsOptional()
  @IsBoolean()
  allowPrivateHosts?: boolean;

  /**
   * The last word on a destination, for takedowns. Synchronous; anything but `true`, and throwing,
   * refuses.
   *
   * @param url a copy of the parsed destination
   * @param result what the link carries; `null` while a link is being written
   * @default none
   */
  @IsOptional()
  @FunctionValue()
  check?: (url: URL, result: TrackingResult | null) => boolean;
}

/**
 * Every option of the module. All problems are reported together when the app starts; an option
 * that does not exist is one of them.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({
 *   baseOpenTrackingUrl: 'https://t.example.com/open/',
 *   baseClickTrackingUrl: 'https://t.example.com/click/',
 *   encryptionKey: process.env.TRACKING_ENCRYPTION_KEY,
 * });
 * ```
 */
export class TrackingOptions {
  /**
   * Where the URLs of pixels start: absolute, without user, query or fragment. Nothing is ever cut
   * off it. Its path is where the route answers, unless `openPath` says otherwise.
   *
   * @default none; needed to write links, and for the route unless `openPath` is set
   */
  @IsOptional()
  @BaseUrl()
  baseOpenTrackingUrl?: string;

  /**
   * Where the URLs of links start; otherwise as `baseOpenTrackingUrl`.
   *
   * @default none; needed to write links, and for the route unless `clickPath` is set
   */
  @IsOptional()
  @BaseUrl()
  baseClickTrackingUrl?: string;

  /**
   * How the token is put behind the base URL. `'python'` does what pytracking does: it drops what
   * follows the last slash of the base, and takes bases of any shape.
   *
   * @default 'append'
   */
  @IsOptional()
  @IsIn(['append', 'python'], { message: "must be 'append' or 'python'" })
  urlJoin?: UrlJoin;

  /**
   * The path that the open route answers at, below a global prefix.
   *
   * @default the path of `baseOpenTrackingUrl`
   */
  @IsOptional()
  @RoutePath()
  openPath?: string;

  /**
   * The path that the click route answers at, below a global prefix.
   *
   * @default the path of `baseClickTrackingUrl`
   */
  @IsOptional()
  @RoutePath()
  clickPath?: string;

  /**
   * The only host name at which the open route answers. Needed where the path is the root, so that
   * the route does not swallow the app.
   *
   * @default any
   */
  @IsOptional()
  @HostName()
  openHost?: string;

  /**
   * The only host name at which the click route answers; otherwise as `openHost`.
   *
   * @default any
   */
  @IsOptional()
  @HostName()
  clickHost?: string;

  /**
   * A Fernet key (32 bytes in base64) or a list of them: the first one writes, all of them read.
   * The same keys serve `packed` and `fernet`. To rotate without losing a link, deploy twice:
   * append the new key everywhere, then move it to the front.
   *
   * @default none; needed unless only `plain` or codecs of your own are used
   */
  @IsOptional()
  @EncryptionKey()
  encryptionKey?: string | string[];

  /**
   * The format that links are written in.
   *
   * @default 'packed'
   */
  @IsOptional()
  @Format()
  format?: LinkFormat;

  /**
   * Further formats that are read, for links already in inboxes.
   *
   * @default []
   */
  @IsOptional()
  @Formats()
  accept?: LinkFormat[];

  /**
   * Sealed into `packed` links without being carried, for example the name of a tenant: a link
   * sealed under another context cannot be read.
   *
   * @default none
   */
  @IsOptional()
  @Context()
  context?: string;

  /**
   * Metadata that every hit gets; what a link carries wins.
   *
   * @default none
   */
  @IsOptional()
  @JsonObject()
  defaultMetadata?: Metadata;

  /**
   * Whether `defaultMetadata` travels in the links instead of being added when they are read.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  includeDefaultMetadata?: boolean;

  /**
   * Where each hit of our own links is posted. It comes back as `result.webhookUrl`. The URL is yours, so it is
   * trusted: it may lead to a private address, and hold a user name and password.
   *
   * @default none
   */
  @IsOptional()
  @AbsoluteUrl()
  webhookUrl?: string;

  /**
   * How long a delivery to the webhook may wait, in seconds: to be connected, for the answer to
   * start, and for each further piece of it.
   *
   * @default 5
   */
  @IsOptional()
  @Seconds(MAX_WEBHOOK_TIMEOUT_SECONDS)
  webhookTimeoutSeconds?: number;

  /**
   * Whether `webhookUrl` travels in the links, and is read from them instead of from the
   * configuration.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  includeWebhookUrl?: boolean;

  /**
   * Whether `webhookTimeoutSeconds` travels in the links. A link that is not sealed cannot ask for
   * more than the reader's own configuration.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  includeWebhookTimeout?: boolean;

  /**
   * The hosts that a webhook embedded in a link may have: `example.com`, or `*.example.com` for all
   * below it. Any other is refused (`WEBHOOK_REFUSED`). `webhookUrl` needs no entry.
   *
   * @default []
   */
  @IsOptional()
  @HostPatterns()
  webhookAllowHosts?: string[];

  /**
   * Whether a webhook embedded in a link may lead to a private, loopback or link-local address, or
   * to any other that is set apart. Judged by the addresses that DNS gives, whenever a connection is
   * made.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  webhookAllowPrivateHosts?: boolean;

  /**
   * Whether each hit is posted by itself, to its webhook and to `webhooks`, with retries. `false`
   * leaves it to `sendWebhook`.
   *
   * @default true
   */
  @IsOptional()
  @IsBoolean()
  autoWebhook?: boolean;

  /**
   * Further targets, for opens and clicks of our own links and of providers.
   *
   * @default []
   */
  @IsOptional()
  @WebhookList()
  @ValidateNested()
  webhooks?: WebhookOptions[];

  /**
   * What is posted: `'pytracking'` is exactly that library's JSON, `'event'` the normalised event.
   *
   * @default 'pytracking'
   */
  @IsOptional()
  @IsIn(['pytracking', 'event'], { message: "must be 'pytracking' or 'event'" })
  webhookFormat?: 'pytracking' | 'event';

  /**
   * Signs what is posted, by the Standard Webhooks scheme: base64 of at least 24 bytes, with or
   * without `whsec_` before it. A list signs with each: to rotate, append the new one, teach the
   * receivers, then remove the old one.
   *
   * @default none: deliveries are not signed
   */
  @IsOptional()
  @SigningSecret()
  webhookSecret?: string | string[];

  /**
   * The most deliveries that wait in memory. When it is full, the oldest is given up.
   *
   * @default 10000
   */
  @IsOptional()
  @WholeNumber(1, 1_000_000)
  webhookQueueSize?: number;

  /**
   * How long the app may take to deliver what waits when it shuts down, in milliseconds. What is
   * left is given up.
   *
   * @default 5000
   */
  @IsOptional()
  @WholeNumber(0, 600_000)
  shutdownTimeoutMs?: number;

  /**
   * Whether tracking URLs end with a slash. Reading accepts both.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  appendSlash?: boolean;

  /**
   * The longest tracking URL that is written, in characters. Longer ones are an error of the
   * service, and are left untracked (and reported) when a mail is rewritten.
   *
   * @default 2000
   */
  @IsOptional()
  @WholeNumber(100, 15_000)
  maxUrlLength?: number;

  /**
   * Hosts whose links are left as they are when a mail is rewritten: exact (`example.com`) or all
   * below a name (`*.example.com`).
   *
   * @default []
   */
  @IsOptional()
  @HostPatterns()
  skipHosts?: string[];

  /**
   * Whether links whose visible text is itself a URL are left as they are when a mail is rewritten.
   * Filters take a text that shows one host and a link that leads to another for phishing.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  skipUrlText?: boolean;

  /**
   * Whether links that end a subscription are tracked, too. They are known by their text and by
   * their URL; those of the mail's `List-Unsubscribe` are never tracked.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  trackUnsubscribeLinks?: boolean;

  /**
   * What is a placeholder in the URL of a link, beside the forms that are known: a link whose URL
   * matches one of these is left as it is when a mail is rewritten. Environment: the sources of the
   * expressions, separated by commas, or as a JSON array.
   *
   * @default []
   */
  @IsOptional()
  @Patterns()
  placeholders?: RegExp[];

  /**
   * The only hosts whose links get the parameters of `utm` when a mail is rewritten: exact
   * (`example.com`) or all below a name (`*.example.com`). Name your own, since other sites may
   * refuse a URL with parameters that they do not know.
   *
   * @default any host
   */
  @IsOptional()
  @HostPatterns()
  utmHosts?: string[];

  /**
   * Older links still redirect and still show the pixel, but call no hook and make no event. In
   * seconds. Only `packed` and `fernet` links carry their time.
   *
   * @default no limit
   */
  @IsOptional()
  @WholeNumber(1, 1_000_000_000)
  maxAgeSeconds?: number;

  /**
   * Where click links may lead.
   *
   * @default http and https, to any host
   */
  @IsOptional()
  @RedirectObject()
  @ValidateNested()
  redirect?: RedirectOptions;

  /**
   * Where a click goes whose link is unreadable or refused.
   *
   * @default none: such a click is answered with 404
   */
  @IsOptional()
  @AbsoluteUrl()
  fallbackUrl?: string;

  /**
   * The image that the open route answers with: pytracking's PNG of 68 bytes, or django-ptrack's GIF
   * of 43. Both are transparent and have one pixel.
   *
   * @default 'png'
   */
  @IsOptional()
  @IsIn(['png', 'gif'], { message: "must be 'png' or 'gif'" })
  pixel?: PixelFormat;

  /**
   * The longest that promises (`getConfiguration`, the hook and what it waits for, together) may
   * hold up a response, in milliseconds.
   *
   * @default 250
   */
  @IsOptional()
  @WholeNumber(1, 60_000)
  responseBudgetMs?: number;

  /**
   * How hits are judged: further rules, other ones, what remembers hits. `false` leaves `verdict`
   * at `null`.
   *
   * @default the catalogue of this package, in memory
   */
  @ValidateIf(({ verdict }: TrackingOptions) => verdict !== undefined && verdict !== false)
  @VerdictObject()
  @ValidateNested()
  verdict?: VerdictOptions | false;

  /**
   * Whether an open keeps neither address nor agent where its reader asked not to be tracked
   * (`Sec-GPC: 1` or `DNT: 1`): they are taken off the event after its verdict. Clicks are asked
   * for, and keep both.
   *
   * @default true
   */
  @IsOptional()
  @IsBoolean()
  respectPrivacySignals?: boolean;

  /**
   * The last word on every event: change it, or return `null` to record nothing. For consent and
   * anonymising. If it throws, the event is withheld.
   *
   * @default none
   */
  @IsOptional()
  @FunctionValue()
  beforePublish?: (event: TrackingEvent) => TrackingEvent | null | Promise<TrackingEvent | null>;
}

/** The options that belong to the process and cannot change from call to call. */
export const PROCESS_OPTIONS = [
  'openPath',
  'clickPath',
  'openHost',
  'clickHost',
  'autoWebhook',
  'webhooks',
  'webhookQueueSize',
  'shutdownTimeoutMs',
  'responseBudgetMs',
  'verdict',
  'respectPrivacySignals',
  'beforePublish',
] as const;

/** {@link TrackingOptions} that can change from call to call, for example by tenant. */
export type PerCallOptions = Omit<TrackingOptions, (typeof PROCESS_OPTIONS)[number]>;

/**
 * What a single call does differently from the configuration. What is not given stays.
 *
 * @example
 * ```ts
 * tracking.adaptHtml(html, { messageId }, { context: tenant.name, encryptionKey: tenant.keys });
 * ```
 */
export type TrackingOverrides = Partial<PerCallOptions>;
