import type { RejectReason, TrackingEventType, VerdictCertainty, VerdictKind } from '../plugin.js';
import type { EspRequest } from './esp-request.js';

/** A secret, or a list of accepted secrets, for rotation. */
export type EspSecret = string | readonly string[];

/** The options that every provider has, beside its own. */
export interface EspProviderOptions {
  /**
   * `user:password`, or a list of them, instead of the module's.
   *
   * @default the module's `basicAuth`
   */
  basicAuth?: EspSecret;
  /**
   * The URL at which the provider reaches the app, such as `https://example.com`, instead of the
   * module's.
   *
   * @default the module's `publicUrl`
   */
  publicUrl?: string;
  /**
   * `true` accepts requests without authentication: anyone can then post events, which are marked by
   * `insecure: true`.
   *
   * @default false
   */
  insecure?: boolean;
}

/** How an option of a provider is checked when the app starts. */
export interface EspOptionRule {
  /**
   * `secret`: a string that is not empty, or a list of them. `strings`: a list. `seconds`: a number
   * above 0, or `false`. `url`: a string, of which `check` checks the form. `boolean`: true or false.
   */
  readonly type: 'secret' | 'strings' | 'boolean' | 'seconds' | 'url';
  /**
   * Checks each string. Returns what to do about it, or nothing if it is valid. Never contains the
   * value.
   */
  readonly check?: (value: string) => string | undefined;
}

/**
 * Checks that a request comes from the provider. Created once, when the app starts. A request must
 * pass every check that the provider's options ask for.
 */
export interface EspAuthentication {
  /**
   * @throws TrackingError `ESP_SIGNATURE`: make it with `missing()` or `wrong()`
   */
  verify(request: EspRequest): void | Promise<void>;
}

/** The response of a fetch. */
export interface EspFetchResult {
  /** The HTTP status. */
  status: number;
  /** The body as text. */
  body: string;
}

/**
 * Fetches a URL by GET: no redirects, a short time limit, a bounded body. Replaced in tests, and
 * where an app must go through a proxy.
 *
 * @throws whatever kept it from an answer
 */
export type EspFetch = (url: URL) => Promise<EspFetchResult>;

/** What the module passes to a provider. */
export interface EspProviderContext {
  /** Fetches from the provider's own servers: certificates, confirmations. */
  readonly fetch: EspFetch;
  /** The configured URL at which the provider reaches the app. */
  readonly publicUrl: string | undefined;
  /** The accepted credentials of Basic authentication for this provider. */
  readonly basicAuth: readonly string[];
  /** Logs a message, once, when the app starts. */
  warn(message: string): void;
}

/**
 * An event as the provider's `toEvent` returns it. Members of type `unknown` may have any type; the
 * module converts them: ids and texts to strings, metadata to an object, tags to strings.
 */
export interface EspEvent {
  /** What happened. */
  eventType: TrackingEventType;
  /**
   * The provider's own name of the event. If `eventType` is `unknown`, it is logged once and
   * counted (`EspTrackingService.unknownEvents`).
   */
  name?: unknown;
  /** The provider's id of the event, if it is the same when the event is sent again. */
  eventId?: unknown;
  /** When it happened. Default: now. */
  timestamp?: Date | null;
  /** The provider's id of the mail. A `message_id` in the metadata takes precedence. */
  messageId?: unknown;
  /** The recipient of the mail. A display name is removed. */
  recipient?: unknown;
  /**
   * Whether the event belongs to this recipient.
   *
   * @default true if there is a recipient
   */
  recipientCertain?: boolean;
  /** The metadata that the sender set. */
  metadata?: unknown;
  /** The tags: a list, or a single one. */
  tags?: unknown;
  /** Why the mail was not delivered. */
  rejectReason?: RejectReason | null;
  /** Whether trying again is pointless. */
  permanent?: boolean | null;
  /** The provider's description. */
  description?: unknown;
  /** The answer of the receiving mail server. */
  mtaResponse?: unknown;
  /** The `User-Agent` of a hit. */
  userAgent?: unknown;
  /** The IP address of a hit. */
  userIp?: unknown;
  /** The destination of a click. */
  clickUrl?: unknown;
  /**
   * Headers of the reader's request, if the provider passes them on, with lower-case names.
   * Verdicts and privacy signals use them.
   */
  headers?: Readonly<Record<string, string>>;
  /** The provider's hint about who made a hit. */
  verdict?: EspVerdict | null;
  /** The raw event, if it is not what `parse` returned. */
  espEvent?: unknown;
}

/** A provider's hint about who made a hit. */
export interface EspVerdict {
  /** A person, or which kind of machine. */
  kind: VerdictKind;
  /** How sure that is. */
  certainty: VerdictCertainty;
  /** A stable code, such as `SENDGRID_MACHINE_OPEN`. */
  reason: string;
}

/** A response that a provider defines. */
export interface EspAnswer {
  /** The HTTP status. */
  status: number;
  /** A text that anyone may read. */
  body?: string;
  /**
   * Headers of the answer.
   *
   * @default `Content-Type: text/plain`, and headers that forbid caching and guessing the type
   */
  headers?: Readonly<Record<string, string>>;
}

/**
 * An email service provider: its routes, its authentication, and how its events are read.
 *
 * @typeParam Options its own options
 */
export interface EspProvider<Options extends object = object> {
  /** Its key in `providers`. */
  readonly key: string;
  /** The name that its events carry. */
  readonly espName: string;
  /** Its paths below the module's, without leading and trailing slashes. */
  readonly routes: readonly string[];
  /** Its own options, and how they are checked. */
  readonly options: { readonly [Name in keyof Options]-?: EspOptionRule };
  /** Whether it checks its URL with GET, and expects 200. */
  readonly answersGet?: boolean;
  /**
   * Statuses to answer with instead of the default ones, for the provider's rules about retries. 503
   * is the answer if a sink did not take an event.
   *
   * @example
   * ```ts
   * // Mailgun sends again whatever was not answered by 200 or 406.
   * statuses: { 400: 406, 413: 406 },
   * ```
   */
  readonly statuses?: Readonly<Record<number, number>>;
  /**
   * Limits for a provider whose signature is inside the body, so that bodies are parsed before they
   * are authenticated. Set them a little above what the provider sends.
   */
  readonly limits?: {
    /** The most bytes of a body, if `bodyLimit` is not lower. */
    readonly bytes: number;
    /** The most members (commas, arrays and objects) of `request.json()`. */
    readonly members: number;
    /** The most bytes of a decompressed body, if the provider does not compress its bodies. */
    readonly unpacked?: number;
  };
  /**
   * Returns its checks of requests, beside Basic authentication: those whose options are set. Members
   * that are `undefined` or empty are left out.
   */
  authenticate?(
    options: Options & EspProviderOptions,
    context: EspProviderContext,
  ): readonly (EspAuthentication | '' | undefined)[];
  /**
   * Answers a request of its setup that cannot be authenticated yet. Returns nothing for all
   * others.
   */
  handshake?(
    request: EspRequest,
    options: Options & EspProviderOptions,
    context: EspProviderContext,
  ): EspAnswer | undefined;
  /**
   * Answers a POST or an OPTIONS by which the provider checks its URL. Returns nothing for all
   * others. The request must prove itself like any other: a POST before this is called, an OPTIONS
   * before the answer is sent, so read no body of an OPTIONS.
   *
   * @throws TrackingError `ESP_PAYLOAD`: make it with `unreadable()`
   */
  urlCheck?(
    request: EspRequest,
    options: Options & EspProviderOptions,
    context: EspProviderContext,
  ): EspAnswer | undefined;
  /** Its webhook for inbound mail, which people enter here by mistake: it is refused. */
  readonly inbound?: {
    /** Returns true for what `parse` returned of such a webhook. */
    is(raw: unknown): boolean;
    /** What to change in the provider's console. */
    readonly advice: string;
  };
  /**
   * Splits the body into raw events, without reading them.
   *
   * @default the body, which is JSON: one object
   * @throws TrackingError `ESP_PAYLOAD`: make it with `unreadable()` or `inboundPayload()`
   */
  parse?(
    request: EspRequest,
    options: Options & EspProviderOptions,
    context: EspProviderContext,
  ): readonly unknown[] | Promise<readonly unknown[]>;
  /**
   * Converts one raw event to one event, several (one for each recipient), or none. If it throws,
   * the event is reported, and the rest of the batch is processed.
   *
   * @throws TrackingError `ESP_PAYLOAD`, for a payload that belongs elsewhere
   */
  toEvent(
    raw: unknown,
    request: EspRequest,
    options: Options & EspProviderOptions,
  ): EspEvent | readonly EspEvent[] | null;
}

/** A provider together with its options, as `providers` takes it. */
export interface ConfiguredEspProvider {
  /** The provider. */
  readonly provider: EspProvider;
  /** Its options, checked when the app starts. */
  readonly options: object;
}

/**
 * Defines a provider that this package does not include. See `docs/esp-provider.md`.
 *
 * @returns a function that takes the provider's options; put its result into `providers`
 *
 * @example
 * ```ts
 * export const acmeMail = defineEspProvider<{ signingSecret?: EspSecret }>({
 *   key: 'acmeMail',
 *   espName: 'Acme Mail',
 *   routes: ['acme_mail/tracking'],
 *   options: { signingSecret: { type: 'secret' } },
 *   authenticate: ({ signingSecret: secrets }) => [
 *     secrets && hmacOverBody({ secrets, header: 'X-Acme-Signature', setting: 'signingSecret' }),
 *   ],
 *   toEvent(raw) {
 *     const event = objectOf(raw);
 *     return { eventType: event.type === 'open' ? 'opened' : 'unknown', recipient: event.to };
 *   },
 * });
 *
 * EspTrackingModule.forRoot({ providers: { acmeMail: acmeMail({ signingSecret: 's3cret' }) } });
 * ```
 */
export function defineEspProvider<Options extends object = object>(
  provider: EspProvider<Options>,
): (options?: Options & EspProviderOptions) => ConfiguredEspProvider {
  return (options) => ({ provider, options: options ?? {} });
}
