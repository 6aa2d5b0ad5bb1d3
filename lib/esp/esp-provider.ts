import type { RejectReason, TrackingEventType } from '../event/tracking-event.js';
import type { VerdictCertainty, VerdictKind } from '../event/verdict.js';
import type { EspFetch } from './esp-fetch.js';
import type { EspRequest } from './esp-request.js';

/** A secret, or a list of them: each is good, so that a new one can come before the old one goes. */
export type EspSecret = string | readonly string[];

/** What every provider takes beside the options of its own. */
export interface EspProviderOptions {
  /**
   * `user:password`, or a list of them, in place of the module's.
   *
   * @default the module's `basicAuth`
   */
  basicAuth?: EspSecret;
  /**
   * Where the provider reaches the app: `https://example.com`, in place of the module's.
   *
   * @default the module's `publicUrl`
   */
  publicUrl?: string;
  /**
   * `true` lets a provider in that proves nothing: anybody can then post events.
   *
   * @default false
   */
  insecure?: boolean;
}

/** How an option of a provider is checked when the app starts. */
export interface EspOptionRule {
  /**
   * `secret`: a string that is not empty, or a list of them. `strings`: a list. `seconds`: a number
   * above 0, or `false`.
   */
  readonly type: 'secret' | 'strings' | 'boolean' | 'seconds' | 'url';
  /** Looks at each string: what to do about it, or nothing if it is good. Never names its value. */
  readonly check?: (value: string) => string | undefined;
}

/**
 * One proof that a request comes from the provider. Made once, when the app starts; all that a
 * provider's options ask for must hold.
 */
export interface EspAuthentication {
  /**
   * @throws TrackingError `ESP_SIGNATURE`: make it with `missing()` or `wrong()`
   */
  verify(request: EspRequest): void | Promise<void>;
}

/** What a provider is given from outside. */
export interface EspProviderContext {
  /** Fetches from the provider's own servers: certificates, confirmations. */
  readonly fetch: EspFetch;
  /** Where the provider reaches the app, as configured. */
  readonly publicUrl: string | undefined;
  /** The credentials of Basic authentication that hold for this provider. */
  readonly basicAuth: readonly string[];
  /** Tells the operator, once, when the app starts. */
  warn(message: string): void;
}

/**
 * An event as a provider's page reads it. Whatever stands in `unknown` may be of any type and is
 * brought into shape by the module: ids and texts become strings, metadata an object, tags strings.
 */
export interface EspEvent {
  /** What happened. */
  eventType: TrackingEventType;
  /**
   * The provider's own name of the event. Where `eventType` is `unknown`, it is logged once and counted
   * (`EspTrackingService.unknownEvents`).
   */
  name?: unknown;
  /** The provider's id of the event, if it is the same when the event is sent again. */
  eventId?: unknown;
  /** When it happened: a `Date`, or nothing for now. */
  timestamp?: Date | null;
  /** The provider's id of the mail. Our own, in the metadata as `message_id`, goes before it. */
  messageId?: unknown;
  /** Whom the mail was sent to. A display name is taken off. */
  recipient?: unknown;
  /**
   * Whether it was this recipient.
   *
   * @default true where there is a recipient
   */
  recipientCertain?: boolean;
  /** What the sender wanted to find again. */
  metadata?: unknown;
  /** Labels: a list, or one. */
  tags?: unknown;
  /** Why the mail was not delivered. */
  rejectReason?: RejectReason | null;
  /** Whether trying again is pointless. */
  permanent?: boolean | null;
  /** What the provider says about it. */
  description?: unknown;
  /** What the receiving server said. */
  mtaResponse?: unknown;
  /** The `User-Agent` of a hit. */
  userAgent?: unknown;
  /** The address of a hit. */
  userIp?: unknown;
  /** The destination of a click. */
  clickUrl?: unknown;
  /**
   * Headers of the reader's request, where the provider passes them on: lower-case names. Verdicts go
   * by them, and readers' wishes for privacy are read from them.
   */
  headers?: Readonly<Record<string, string>>;
  /** What the provider thinks of who made a hit. */
  verdict?: EspVerdict | null;
  /** The raw event, where it is not what `parse` returned. */
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

/** An answer of a provider's own. */
export interface EspAnswer {
  /** The HTTP status. */
  status: number;
  /** A text that a stranger may read. */
  body?: string;
}

/**
 * One email service provider: where it posts, how it proves itself, how its events read.
 *
 * @typeParam Options the options of its own
 */
export interface EspProvider<Options extends object = object> {
  /** Its key in `providers`. */
  readonly key: string;
  /** The name that its events carry. */
  readonly espName: string;
  /** Its paths below the module's, without slashes at their ends. */
  readonly routes: readonly string[];
  /** The options of its own, and how they are checked. */
  readonly options: { readonly [Name in keyof Options]-?: EspOptionRule };
  /** Whether it checks its URL by GET, and wants 200. */
  readonly answersGet?: boolean;
  /**
   * Statuses that its rules for sending again ask for in place of ours.
   *
   * @example
   * ```ts
   * // Mailgun sends again whatever was not answered by 200 or 406.
   * statuses: { 400: 406, 413: 406 },
   * ```
   */
  readonly statuses?: Readonly<Record<number, number>>;
  /**
   * Limits for a provider whose proof is inside the body, so that the body of a stranger is parsed, too.
   * Set them a little above what the provider sends.
   */
  readonly limits?: {
    /** The most bytes of a body, where `bodyLimit` is not below it. */
    readonly bytes: number;
    /** The most members (commas, arrays and objects) of `request.json()`. */
    readonly members: number;
    /** The most bytes that come out of a packed body, where the provider does not pack its bodies. */
    readonly unpacked?: number;
  };
  /** Finds what no single option shows: what to do, or nothing. */
  problem?(options: Options & EspProviderOptions): string | undefined;
  /** Its proofs, beside Basic authentication: those whose options are set. */
  authenticate?(
    options: Options & EspProviderOptions,
    context: EspProviderContext,
  ): readonly EspAuthentication[];
  /** Answers a request of its set-up that cannot prove anything yet; nothing for all others. */
  handshake?(
    request: EspRequest,
    options: Options & EspProviderOptions,
    context: EspProviderContext,
  ): EspAnswer | undefined;
  /**
   * Takes the body apart into raw events, without reading them.
   *
   * @throws TrackingError `ESP_PAYLOAD`: make it with `unreadable()` or `inboundPayload()`
   */
  parse(
    request: EspRequest,
    options: Options & EspProviderOptions,
    context: EspProviderContext,
  ): readonly unknown[] | Promise<readonly unknown[]>;
  /**
   * Reads one raw event: as one event, as several (one for each recipient), or as none. If it
   * throws, the event is reported, and the others of the batch go on.
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
 * Makes a provider that this package does not know. See `docs/esp-provider.md`.
 *
 * @returns what takes the provider's options and goes into `providers`
 *
 * @example
 * ```ts
 * export const acmeMail = defineEspProvider<{ signingSecret?: EspSecret }>({
 *   key: 'acmeMail',
 *   espName: 'Acme Mail',
 *   routes: ['acme_mail/tracking'],
 *   options: { signingSecret: { type: 'secret' } },
 *   authenticate: ({ signingSecret }) =>
 *     signingSecret === undefined
 *       ? []
 *       : [hmacOverBody({ secrets: signingSecret, header: 'X-Acme-Signature', setting: 'signingSecret' })],
 *   parse: (request) => listOf(request.json()),
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
  return (options) => ({ provider: provider, options: options ?? {} });
}
