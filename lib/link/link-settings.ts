import type { PerCallOptions } from '../options/tracking.options.js';
import { FernetCodec } from './codecs/fernet.codec.js';
import { PackedCodec } from './codecs/packed.codec.js';
import { PlainCodec } from './codecs/plain.codec.js';
import { type KeyRing } from './key-ring.js';
import type { LinkCodec } from './link-codec.js';
import { LinkReader } from './link-reader.js';
import { LinkWriter } from './link-writer.js';
import type { PixelFormat } from './pixel.js';
import { RedirectPolicy } from './redirect-policy.js';
import type { TrackingResult } from './tracking-result.js';

/** Makes key rings; a process keeps them, because deriving subkeys costs more than using them. */
export type KeyRings = (encryptionKey: string | readonly string[] | undefined) => KeyRing;

/**
 * Everything that reading and writing links needs, worked out once from options that were
 * validated before.
 */
export class LinkSettings {
  /** What it was made from, for rooms that have options of their own. */
  readonly options: PerCallOptions;
  readonly policy: RedirectPolicy;
  readonly reader: LinkReader;
  readonly writer: LinkWriter;
  readonly maxAgeSeconds: number | undefined;
  readonly fallbackUrl: string | undefined;
  /** Whether only holders of the keys can read and write the links. */
  readonly isSealed: boolean;
  readonly pixel: PixelFormat;

  constructor(
    options: PerCallOptions,
    keyRings: KeyRings,
    private readonly now: () => number = Date.now,
  ) {
    this.options = options;
    const codecs = new Codecs(options, keyRings, now);
    const codec = codecs.of(options.format ?? 'packed');
    const readers = [codec, ...(options.accept ?? []).map((format) => codecs.of(format))];
    const includesDefaults = options.includeDefaultMetadata ?? false;
    this.isSealed = isSealed(codec.name);
    this.policy = new RedirectPolicy(options.redirect);
    this.reader = new LinkReader({
      codecs: readers.filter((reader, i) => readers.indexOf(reader) === i),
      defaultMetadata: options.defaultMetadata ?? {},
      includeDefaultMetadata: includesDefaults,
      webhookUrl: options.webhookUrl,
      webhookTimeoutSeconds: options.webhookTimeoutSeconds ?? DEFAULT_WEBHOOK_TIMEOUT_SECONDS,
      includeWebhookUrl: options.includeWebhookUrl ?? false,
      now,
    });
    this.writer = new LinkWriter({
      codec,
      sealed: this.isSealed,
      policy: this.policy,
      baseUrls: { open: options.baseOpenTrackingUrl, click: options.baseClickTrackingUrl },
      urlJoin: options.urlJoin ?? 'append',
      appendSlash: options.appendSlash ?? false,
      maxUrlLength: options.maxUrlLength ?? DEFAULT_MAX_URL_LENGTH,
      metadata: includesDefaults ? (options.defaultMetadata ?? {}) : {},
      webhookUrl: options.includeWebhookUrl ? options.webhookUrl : undefined,
      webhookTimeoutSeconds: options.includeWebhookTimeout
        ? (options.webhookTimeoutSeconds ?? DEFAULT_WEBHOOK_TIMEOUT_SECONDS)
        : undefined,
    });
    this.maxAgeSeconds = options.maxAgeSeconds;
    this.fallbackUrl =
      options.fallbackUrl === undefined ? undefined : new URL(options.fallbackUrl).href;
    this.pixel = options.pixel ?? 'png';
  }

  /**
   * Checks the destination of a click with the current policy; `refusal` is the reason if it is
   * refused.
   */
  judge(result: TrackingResult): ReturnType<RedirectPolicy['judge']> {
    if (result.trackedUrl === null) return { refusal: 'the link carries no destination' };
    return this.policy.judge(result.trackedUrl, isSealed(result.format), result);
  }

  /** Whether a link is older than `maxAgeSeconds`. Links that do not say their age never are. */
  isExpired({ sentAt }: TrackingResult): boolean {
    if (this.maxAgeSeconds === undefined || sentAt === null) return false;
    return this.now() - sentAt.getTime() > this.maxAgeSeconds * 1000;
  }
}

/** pytracking's `DEFAULT_TIMEOUT_SECONDS`. */
export const DEFAULT_WEBHOOK_TIMEOUT_SECONDS = 5;

/** What browsers and mail clients of the last twenty years take. */
export const DEFAULT_MAX_URL_LENGTH = 2000;

/**
 * Returns true if only holders of a key can write links of a format. A codec of the user's own may
 * or may not be: it counts as unsealed.
 */
export function isSealed(format: string): boolean {
  return format === 'packed' || format === 'fernet';
}

/** Makes each named format once. */
class Codecs {
  private readonly made = new Map<string, LinkCodec>();

  constructor(
    private readonly options: PerCallOptions,
    private readonly keyRings: KeyRings,
    private readonly now: () => number,
  ) {}

  of(format: 'packed' | 'fernet' | 'plain' | LinkCodec): LinkCodec {
    if (typeof format !== 'string') return format;
    const codec = this.made.get(format) ?? this.make(format);
    this.made.set(format, codec);
    return codec;
  }

  private make(format: 'packed' | 'fernet' | 'plain'): LinkCodec {
    if (format === 'plain') return new PlainCodec();
    const keys = this.keyRings(this.options.encryptionKey);
    return format === 'fernet'
      ? new FernetCodec(keys, this.now)
      : new PackedCodec(keys, this.options.context, this.now);
  }
}
