import { TrackingError } from '../tracking.error.js';
import { addParameters, type Parameter } from './add-parameters.js';
import { FernetCodec } from './codecs/fernet.codec.js';
import { PackedCodec } from './codecs/packed.codec.js';
import { PlainCodec } from './codecs/plain.codec.js';
import type { KeyRing } from './key-ring.js';
import { isSealed, type LinkCodec, type LinkFormat } from './link-codec.js';
import type { LinkOptions } from './link-options.js';
import { LinkReader } from './link-reader.js';
import { LinkWriter } from './link-writer.js';
import { Probes } from './probe.js';
import { RedirectPolicy, type RedirectDecision } from './redirect-policy.js';
import type { RequestData, TrackingResult } from './tracking-result.js';

/** Returns the links of the configuration, or of the configuration with overrides. */
export interface LinksResolver<Overrides = object> {
  /** Without overrides. */
  readonly base: Links;

  /** @throws TrackingError `INVALID_OPTIONS` */
  resolve(overrides?: Overrides): Links;
}

/** The links of one configuration: how they are written and read, and where they may lead. */
export class Links<Options extends LinkOptions = LinkOptions> {
  readonly policy: RedirectPolicy;
  readonly reader: LinkReader;
  readonly writer: LinkWriter;
  /** Whether only holders of the keys can read and write the links that are written now. */
  readonly isSealed: boolean;
  /** Where an unreadable or refused click leads, as it is sent. */
  readonly fallbackUrl: string | undefined;
  private madeProbes: Probes | undefined;

  constructor(
    readonly options: Options,
    private readonly keys: KeyRing,
    private readonly now: () => number = Date.now,
    /** Whose policy is shared if the options of redirects are the same. */
    base?: Links,
  ) {
    const { format, accept, context, redirect, fallbackUrl } = options;
    const codecs = new Map<LinkFormat, LinkCodec>();
    for (const one of [format, ...accept]) {
      if (!codecs.has(one)) codecs.set(one, toCodec(one, keys, context, now));
    }
    const codec = codecs.get(format)!;
    this.isSealed = isSealed(codec.name);
    this.policy =
      base && base.options.redirect === redirect ? base.policy : new RedirectPolicy(redirect);
    this.reader = new LinkReader([...codecs.values()], options, now);
    this.writer = new LinkWriter(codec, options, this.policy, now);
    this.fallbackUrl = fallbackUrl === undefined ? undefined : new URL(fallbackUrl).href;
  }

  /** What the doctor asks, under the same keys and context. */
  get probes(): Probes {
    return (this.madeProbes ??= new Probes(
      this.keys,
      {
        open: this.options.baseOpenTrackingUrl,
        click: this.options.baseClickTrackingUrl,
        unsubscribe: this.options.baseUnsubscribeUrl,
      },
      this.options.context,
      this.now,
    ));
  }

  /**
   * Reads a click link.
   *
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY`, `WRONG_PURPOSE`, or `UNSAFE_URL`
   */
  readClick(urlOrPath: string, requestData: RequestData | null): TrackingResult {
    const result = this.reader.read(urlOrPath, 'click', requestData);
    if (result.trackedUrl === null) return result;
    const { refusal } = this.destinationOf(result);
    if (refusal === undefined) return result;
    throw new TrackingError('UNSAFE_URL', `The destination of this link is refused: ${refusal}.`);
  }

  /** Decides by the current policy where a click leads; `refusal` says why it leads nowhere. */
  destinationOf(result: TrackingResult): RedirectDecision {
    if (result.trackedUrl === null) return { refusal: 'the link carries no destination' };
    return this.policy.decide(result.trackedUrl, isSealed(result.format), result);
  }

  /**
   * Returns a destination with further parameters; as it was if its query is signed, or if the policy
   * refuses what would be sent.
   *
   * @param href of a destination that the policy allows
   */
  withParameters(href: string, added: readonly Parameter[], result: TrackingResult): string {
    const longer = WEB.test(href) ? addParameters(href, added) : href;
    if (longer === href) return href;
    return this.policy.decide(longer, isSealed(result.format), result).href ?? href;
  }

  /** Returns true if a link is older than `maxAgeSeconds`. Links that do not say their age never are. */
  isExpired({ sentAt, sentOn }: TrackingResult): boolean {
    const { maxAgeSeconds } = this.options;
    // The age of a link that knows its day only counts from the end of that day.
    const since = sentOn === undefined ? sentAt?.getTime() : Date.parse(sentOn) + DAY_MS;
    if (maxAgeSeconds === undefined || since === undefined) return false;
    return this.now() - since > maxAgeSeconds * 1000;
  }
}

const DAY_MS = 86_400_000;

/** What follows a `?` in other schemes may mean anything. */
const WEB = /^https?:/;

function toCodec(
  format: LinkFormat,
  keys: KeyRing,
  context: string | undefined,
  now: () => number,
): LinkCodec {
  if (typeof format !== 'string') return format;
  if (format === 'plain') return new PlainCodec();
  return format === 'fernet' ? new FernetCodec(keys, now) : new PackedCodec(keys, context, now);
}
