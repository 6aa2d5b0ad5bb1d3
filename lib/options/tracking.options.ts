import type { TrackingEvent } from '../event/tracking-event.js';
import type { LinkFormat } from '../link/link-codec.js';
import type { Metadata } from '../link/link-payload.js';
import type { PixelFormat } from '../link/pixel.js';
import type { UrlJoin } from '../link/tracking-url.js';
import { Flag, FunctionValue, OneOf, WholeNumber } from '../util/checks.js';
import { Nested, NestedList } from '../util/validate.js';
import type { UnsubscribeSettings } from '../unsubscribe/unsubscribe-options.js';
import type { WebhookSettings } from '../webhook/configured-targets.js';
import { MAX_TIMEOUT_SECONDS } from '../webhook/webhook-request.js';
import {
  AbsoluteUrl,
  BaseUrl,
  Context,
  EncryptionKey,
  Format,
  Formats,
  HostName,
  HostPatterns,
  JsonObject,
  ParameterName,
  PassedNames,
  Patterns,
  RetiredKeys,
  RoutePath,
  Seconds,
  SecureBaseUrl,
  SigningSecret,
} from './tracking-checks.js';
import { KeepOptions, PrivacyOptions, RedactUrlOptions } from './privacy.options.js';
import { RedirectOptions } from './redirect.options.js';
import { UnsubscribeOptions } from './unsubscribe.options.js';
import { VerdictOptions } from './verdict.options.js';
import { WebhookOptions } from './webhook.options.js';

/**
 * The options of `TrackingModule`.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({
 *   baseOpenTrackingUrl: 'https://t.example.com/open/',
 *   baseClickTrackingUrl: 'https://t.example.com/click/',
 *   encryptionKey: process.env.TRACKING_ENCRYPTION_KEY!,
 * });
 * ```
 */
export class TrackingOptions {
  /**
   * The URL that pixels start with: absolute, without user name, query or fragment, with or without a
   * slash at the end. The token is appended to it. Its path is also where the app answers, unless
   * `openPath` says otherwise. `http:` works, but logs a warning except on loopback addresses.
   *
   * @default none; needed to write links, and for the route unless `openPath` is set
   * @group Where links start and routes answer
   * @example
   * ```ts
   * TrackingModule.forRoot({
   *   baseOpenTrackingUrl: 'https://t.example.com/open/', // pixel: https://t.example.com/open/<token>
   *   baseClickTrackingUrl: 'https://t.example.com/click/',
   *   encryptionKey: process.env.TRACKING_ENCRYPTION_KEY!,
   * });
   * ```
   */
  @BaseUrl()
  baseOpenTrackingUrl?: string;

  /**
   * The URL that tracked links start with. The rules are those of `baseOpenTrackingUrl`.
   *
   * @default none; needed to write links, and for the route unless `clickPath` is set
   * @group Where links start and routes answer
   */
  @BaseUrl()
  baseClickTrackingUrl?: string;

  /**
   * The URL that unsubscribe links start with. It switches unsubscribing on: see `unsubscribe`. Its
   * scheme is `https:`, because RFC 8058 knows no other; `http:` is allowed on loopback addresses only.
   * The links are always `packed`, so it needs `encryptionKey`.
   *
   * @default none: no unsubscribe links, and no route
   * @group Where links start and routes answer
   */
  @SecureBaseUrl()
  baseUnsubscribeUrl?: string;

  /**
   * How the token is joined to the base URL. `'append'` puts it at the end. `'python'` joins as
   * pytracking does: it replaces everything after the last slash of the base URL, so end the base URL
   * with a slash. With `'python'`, a base URL of any shape is accepted.
   *
   * @default 'append'
   * @group Options for links of pytracking
   */
  @OneOf('append', 'python')
  urlJoin?: UrlJoin = 'append';

  /**
   * The path at which the app answers opens, without the global prefix of the app. Set it where a
   * proxy in front changes the path, or where something else in the app adds a prefix.
   *
   * @default the path of `baseOpenTrackingUrl`
   * @group Where links start and routes answer
   */
  @RoutePath()
  openPath?: string;

  /**
   * The path at which the app answers clicks, without the global prefix of the app. See `openPath`.
   *
   * @default the path of `baseClickTrackingUrl`
   * @group Where links start and routes answer
   */
  @RoutePath()
  clickPath?: string;

  /**
   * The path at which the app answers unsubscribe links, without the global prefix of the app. See
   * `openPath`.
   *
   * @default the path of `baseUnsubscribeUrl`
   * @group Where links start and routes answer
   */
  @RoutePath()
  unsubscribePath?: string;

  /**
   * The only host name at which the app answers opens. It is required where the path of the open route
   * is `/`, because the route would otherwise answer for the whole app.
   *
   * @default any
   * @group Where links start and routes answer
   * @example
   * ```ts
   * TrackingModule.forRoot({
   *   ...options,
   *   baseOpenTrackingUrl: 'https://o.example.com/',
   *   openHost: 'o.example.com',
   * });
   * ```
   */
  @HostName()
  openHost?: string;

  /**
   * The only host name at which the app answers clicks. See `openHost`.
   *
   * @default any
   * @group Where links start and routes answer
   */
  @HostName()
  clickHost?: string;

  /**
   * The only host name at which the app answers unsubscribe links. See `openHost`.
   *
   * @default any
   * @group Where links start and routes answer
   */
  @HostName()
  unsubscribeHost?: string;

  /**
   * The key that seals links: 32 random bytes in base64 (a Fernet key), or a list of keys. The first
   * one writes, all of them read. The formats `packed` and `fernet` use the same keys.
   *
   * To replace a key without breaking links, deploy twice: first append the new key to the list in
   * every process, then move it to the front. A key that is removed makes its links unreadable.
   *
   * @default none; needed unless only `plain` or codecs of your own are used
   * @group Keys and formats
   */
  @EncryptionKey()
  encryptionKey?: string | string[];

  /**
   * Keys that were taken out of `encryptionKey`, for example because they leaked, and that unsubscribe
   * links may still be read with, so that nobody loses the way out. Nothing else is read with them.
   * Whoever has such a key can end subscriptions, and do no more.
   *
   * @default none
   * @group Keys and formats
   */
  @RetiredKeys()
  retiredKeys?: string | string[];

  /**
   * The format in which links are written. `'packed'` is short and sealed; `'fernet'` is sealed and
   * can be read by pytracking; `'plain'` can be read and forged by anyone. An object is a codec of your
   * own.
   *
   * @default 'packed'
   * @group Keys and formats
   */
  @Format()
  format?: LinkFormat = 'packed';

  /**
   * Further formats that are read, for links in mails that were sent before. A format that is neither
   * here nor in `format` is not read. Reading `'plain'` without `redirect.allowHosts` logs a warning,
   * because anyone can write such a link.
   *
   * @default []
   * @group Keys and formats
   */
  @Formats()
  accept?: LinkFormat[] = [];

  /**
   * A text that is part of the seal of `packed` links and not part of the link, for example the name of
   * a tenant. A link that was sealed under another context cannot be read. 1 to 256 characters.
   *
   * @default none
   * @group Keys and formats
   */
  @Context()
  context?: string;

  /**
   * Metadata for every event of a link. Where the link has a key of the same name, the value in the
   * link wins.
   *
   * @default none
   * @group What links carry
   */
  @JsonObject()
  defaultMetadata?: Metadata;

  /**
   * Whether `defaultMetadata` is written into the links. If `false`, it is added when a link is read, as
   * it is configured then.
   *
   * @default false
   * @group Options for links of pytracking
   */
  @Flag()
  includeDefaultMetadata?: boolean = false;

  /**
   * The URL that each open and click of your own links is posted to. It needs `@nestjs/axios`. The URL
   * is yours and therefore trusted: it may lead to a private address and may have a user name and
   * password. Events of providers go to `webhooks` only.
   *
   * @default none
   * @group Posting to webhooks
   */
  @AbsoluteUrl()
  webhookUrl?: string;

  /**
   * How long a request to a webhook may take, in seconds: connecting, sending, and reading the answer
   * together. Fractions are allowed; at most 3600.
   *
   * @default 5
   * @group Posting to webhooks
   */
  @Seconds(MAX_TIMEOUT_SECONDS)
  webhookTimeoutSeconds?: number = 5;

  /**
   * Whether `webhookUrl` is written into the links, and read from them instead of from the
   * configuration. See `webhookAllowHosts`.
   *
   * @default false
   * @group Options for links of pytracking
   */
  @Flag()
  includeWebhookUrl?: boolean = false;

  /**
   * Whether `webhookTimeoutSeconds` is written into the links. A link that is not sealed cannot ask for
   * more than the configuration of the reader.
   *
   * @default false
   * @group Options for links of pytracking
   */
  @Flag()
  includeWebhookTimeout?: boolean = false;

  /**
   * The hosts that a webhook URL inside a link may have: `example.com`, or `*.example.com` for all
   * hosts below it. Any other is refused with `WEBHOOK_REFUSED`. The configured `webhookUrl` needs no
   * entry.
   *
   * @default []
   * @group Options for links of pytracking
   */
  @HostPatterns()
  webhookAllowHosts?: string[] = [];

  /**
   * Whether a webhook URL inside a link may lead to a private, loopback, link-local or other
   * special-purpose address. The addresses that DNS returns are checked each time a connection is made.
   *
   * @default false
   * @group Options for links of pytracking
   */
  @Flag()
  webhookAllowPrivateHosts?: boolean = false;

  /**
   * Whether each open and click is posted automatically, with retries, to `webhookUrl` and to
   * `webhooks`. If `false`, nothing is posted until you call `sendWebhook`.
   *
   * @default true
   * @group Posting to webhooks
   */
  @Flag()
  autoWebhook?: boolean = true;

  /**
   * Further webhooks, for opens and clicks of your own links and of providers. See
   * [Webhook targets](#webhook-targets).
   *
   * @default []
   * @group Posting to webhooks
   * @example
   * ```ts
   * TrackingModule.forRoot({
   *   ...options,
   *   webhooks: [{ url: 'https://crm.example.com/clicks', events: ['click'], format: 'event' }],
   * });
   * ```
   */
  @NestedList(() => WebhookOptions, "{ url: 'https://hooks.example.com/mail' }")
  webhooks?: WebhookOptions[] = [];

  /**
   * The body of a webhook: `'pytracking'` is exactly the JSON of pytracking, `'event'` is the
   * normalised event.
   *
   * @default 'pytracking'
   * @group Posting to webhooks
   */
  @OneOf('pytracking', 'event')
  webhookFormat?: 'pytracking' | 'event' = 'pytracking';

  /**
   * The secret that signs webhooks by the Standard Webhooks scheme: at least 24 bytes in base64, with or
   * without `whsec_` in front. With a list, each request carries one signature per secret. To replace a
   * secret, append the new one, give it to the receivers, then remove the old one.
   *
   * @default none: requests are not signed
   * @group Posting to webhooks
   */
  @SigningSecret()
  webhookSecret?: string | string[];

  /**
   * Whether tracking URLs end with a slash. Links are read with and without it.
   *
   * @default false
   * @group Options for links of pytracking
   */
  @Flag()
  appendSlash?: boolean = false;

  /**
   * The length of the longest tracking URL that is written, in characters. The service throws
   * `URL_TOO_LONG` for a longer one; when a mail is rewritten, such a link stays untracked and is
   * reported.
   *
   * @default 2000
   * @group What links carry
   */
  @WholeNumber(100, 15_000)
  maxUrlLength?: number = 2000;

  /**
   * Whether unsubscribe links are tracked, too. They are recognised by their text and their URL. The URLs
   * of the mail's `List-Unsubscribe` header are never tracked.
   *
   * @default false
   * @group Rewriting mails
   */
  @Flag()
  trackUnsubscribeLinks?: boolean = false;

  /**
   * The lists, the texts and the limits of unsubscribing. See [Unsubscribing](#unsubscribing).
   *
   * @default any list
   * @group Letting readers leave
   * @example
   * ```ts
   * TrackingModule.forRoot({
   *   ...options,
   *   baseUnsubscribeUrl: 'https://t.example.com/unsubscribe/',
   *   unsubscribe: { lists: { news: { title: 'Weekly news' } } },
   * });
   * ```
   */
  @Nested(() => UnsubscribeOptions, "{ lists: { news: { title: 'Weekly news' } } }")
  unsubscribe?: UnsubscribeOptions = new UnsubscribeOptions();

  /**
   * Regular expressions for the placeholders of your own mail system, in addition to the forms that are
   * known. A link whose URL matches one of them stays untracked when a mail is rewritten, so that the
   * placeholder is still replaced. From the environment: the sources of the expressions, separated by
   * commas, or a JSON array of them.
   *
   * @default []
   * @group Rewriting mails
   * @example
   * ```ts
   * TrackingModule.forRoot({ ...options, placeholders: [/<<\w+>>/] });
   * ```
   */
  @Patterns()
  placeholders?: RegExp[] = [];

  /**
   * The only hosts whose links get the parameters of `utm` when a mail is rewritten: `example.com`, or
   * `*.example.com` for all hosts below it. Name your own hosts, because other sites may refuse a URL
   * with parameters that they do not know.
   *
   * @default any host
   * @group Rewriting mails
   */
  @HostPatterns()
  utmHosts?: string[];

  /**
   * The age at which links stop recording, in seconds. An older link still redirects and an older pixel
   * is still shown, but no hook is called and no event is published. Only `packed` and `fernet` links
   * carry their age. Unsubscribe links do not expire.
   *
   * @default no limit
   * @group What links carry
   */
  @WholeNumber(1, 1_000_000_000)
  maxAgeSeconds?: number;

  /**
   * Which destinations click links may have. See [Redirects](#redirects).
   *
   * @default http and https, to any host
   * @group Answering readers
   * @example
   * ```ts
   * TrackingModule.forRoot({
   *   ...options,
   *   redirect: { allowHosts: ['example.com', '*.example.com'] },
   * });
   * ```
   */
  @Nested(() => RedirectOptions, "{ allowHosts: ['example.com'] }")
  redirect?: RedirectOptions;

  /**
   * The URL to which a reader is sent whose link is unreadable, or whose destination is refused.
   *
   * @default none: such a click is answered with 404
   * @group Answering readers
   */
  @AbsoluteUrl()
  fallbackUrl?: string;

  /**
   * Names of parameters that are copied from the query of a click to its destination, unless it has
   * them: what ad networks and web analytics append to links on the way, such as `gclid`. Of each name the
   * first one counts; a value has at most 512 bytes, all of them together 2 KB. At most 50 names, the most
   * important first. See "Clicks in web analytics" in `docs/events.md`.
   *
   * @default []
   * @group Answering readers
   * @example
   * ```ts
   * TrackingModule.forRoot({ ...options, passQuery: ['gclid', 'fbclid', '_ga'] });
   * ```
   */
  @PassedNames()
  passQuery?: string[] = [];

  /**
   * The name of a parameter that tells the destination of a click the `eventId` of its event, so that web
   * analytics can join what the reader does next. It is personal data: only `identified` clicks that are
   * recorded have it. See "Clicks in web analytics" in `docs/events.md`.
   *
   * @default none: the destination is told nothing
   * @group Answering readers
   * @example
   * ```ts
   * TrackingModule.forRoot({ ...options, clickIdParam: 'click_id' });
   * ```
   */
  @ParameterName()
  clickIdParam?: string;

  /**
   * The image that answers an open: the 68-byte PNG of pytracking, or the 43-byte GIF of django-ptrack.
   * Both are one transparent pixel.
   *
   * @default 'png'
   * @group Answering readers
   */
  @OneOf('png', 'gif')
  pixel?: PixelFormat = 'png';

  /**
   * How long a reader waits at most for your code, in milliseconds. This bounds the promises of
   * `getConfiguration`, the hooks, `beforePublish` and the sinks of one request together. Whatever takes
   * longer goes on after the answer.
   *
   * @default 250
   * @group Answering readers
   */
  @WholeNumber(1, 60_000)
  responseBudgetMs?: number = 250;

  /**
   * How the package decides whether a person or a machine opened or clicked. See
   * [Verdicts](#verdicts). With `false`, nothing is decided and `event.verdict` is `null`.
   *
   * @default the catalogue of this package, in memory
   * @group Events
   */
  @Nested(() => VerdictOptions, "{ disable: ['MANY_NETWORKS'] }", false)
  verdict?: VerdictOptions | false;

  /**
   * Whether the IP address and user agent are removed from an open whose reader asked not to be tracked
   * (`Sec-GPC: 1` or `DNT: 1`). They are removed after the verdict is made. Clicks keep both, because
   * the reader asked for the page.
   *
   * @default true
   * @group Events
   */
  @Flag()
  respectPrivacySignals?: boolean = true;

  /**
   * How much of the reader's address and user agent is kept in events, after the verdict was made from all
   * of it. It holds for handlers, stores, webhooks, the queue and `tracking.decoding_error`, and for
   * what providers report. See [Keeping less](#keeping-less). Overrides of a call can only keep less.
   *
   * @default all of it
   * @group Events
   */
  @Nested(() => KeepOptions, "{ ip: 'truncated' }")
  keep?: KeepOptions;

  /**
   * Whether secrets in the URLs of events are masked: the values of parameters such as `token` and
   * `password`, random values of `code`, `key` and the like, and JSON Web Tokens. `REDACTED` takes their
   * place, in events, webhooks, stores and the queue. The redirect has the whole URL. See
   * [Secrets in URLs](#secrets-in-urls). Overrides of a call can only mask more.
   *
   * @default 'secrets'
   * @group Events
   */
  @Nested(() => RedactUrlOptions, "{ params: ['customer'] }", 'secrets', false)
  redactUrl?: 'secrets' | false | RedactUrlOptions = 'secrets';

  /**
   * How much of readers may be recorded at most, by pixels and by links. A `ConsentResolver` and the
   * option `privacy` of a mail can only narrow it. See [Modes](#modes). Overrides of a call can only
   * narrow it, too.
   *
   * @default everything: `identified`
   * @group Events
   * @example
   * ```ts
   * TrackingModule.forRoot({ ...options, privacy: { opens: 'off', clicks: 'anonymous' } });
   * ```
   */
  @Nested(() => PrivacyOptions, "{ opens: 'off', clicks: 'anonymous' }")
  privacy?: PrivacyOptions = new PrivacyOptions();

  /**
   * A function that sees every event before anyone else does. It may change the event, or return `null`
   * so that nothing is recorded, for example without consent. If it throws, the event is withheld.
   * It may return a promise, within `responseBudgetMs`.
   *
   * Bounces, rejections, complaints, unsubscribes and subscribes cannot be withheld, because whoever
   * left must not get another mail: `null` or an error only takes the reader's address and program off
   * them. Their recipient, list, type and time stay as they were.
   *
   * @default none
   * @group Events
   * @example
   * ```ts
   * TrackingModule.forRoot({
   *   ...options,
   *   beforePublish: (event) => ({ ...event, userIp: null, result: null }),
   * });
   * ```
   */
  @FunctionValue()
  beforePublish?: (event: TrackingEvent) => TrackingEvent | null | Promise<TrackingEvent | null>;
}

/** The options that hold for the whole process and cannot differ from call to call. */
export const PROCESS_OPTIONS = [
  'openPath',
  'clickPath',
  'unsubscribePath',
  'openHost',
  'clickHost',
  'unsubscribeHost',
  'autoWebhook',
  'webhooks',
  'responseBudgetMs',
  'verdict',
  'respectPrivacySignals',
  'beforePublish',
] as const;

/** {@link TrackingOptions} after validation: those that have a default are there. */
export type ResolvedOptions = TrackingOptions &
  UnsubscribeSettings &
  WebhookSettings & { privacy: PrivacyOptions };

/** {@link TrackingOptions} that can differ from call to call, for example by tenant. */
export type PerCallOptions = Omit<TrackingOptions, (typeof PROCESS_OPTIONS)[number]>;

/**
 * Options of a single call. They win over the configuration; options that are not given stay as
 * configured.
 *
 * @example
 * ```ts
 * tracking.adaptHtml(html, { messageId }, { context: tenant.name, encryptionKey: tenant.keys });
 * ```
 */
export type TrackingOverrides = Partial<PerCallOptions>;
