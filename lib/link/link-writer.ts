import { TrackingError } from '../tracking.error.js';
import { PackedCodec } from './codecs/packed.codec.js';
import { checkMetadata } from './json-value.js';
import { isSealed, type LinkCodec } from './link-codec.js';
import type { LinkPayload, Metadata } from './link-payload.js';
import type { LinkOptions } from './link-options.js';
import { OwnUrls } from './own-urls.js';
import type { RedirectPolicy } from './redirect-policy.js';
import { keptOf, narrowest, type PrivacyMode, type PrivacyModes } from './privacy-mode.js';
import { joinTrackingUrl, MAX_TOKEN_LENGTH } from './tracking-url.js';
import { utcDay } from '../util/utc-day.js';

const BASE_OPTIONS = { open: 'baseOpenTrackingUrl', click: 'baseClickTrackingUrl' } as const;

/** What a link says about its mail; members that no link carries are ignored. */
type LinkContent = Omit<LinkPayload, 'url'>;

/** Writes tracking URLs. */
export class LinkWriter {
  /** As far as there are base URLs. */
  private readonly own: OwnUrls;
  private readonly modes: Required<PrivacyModes>;

  constructor(
    private readonly codec: LinkCodec,
    private readonly options: LinkOptions,
    private readonly policy: RedirectPolicy,
    private readonly now: () => number = Date.now,
  ) {
    this.modes = narrowest([options.privacy]);
    const { baseOpenTrackingUrl, baseClickTrackingUrl, urlJoin } = options;
    const starts = [baseOpenTrackingUrl, baseClickTrackingUrl]
      .filter((base) => base !== undefined && base !== '')
      .map((base) => joinTrackingUrl(base!, '', urlJoin, false));
    // A base that Python cannot join leaves bare tokens, which start like anything.
    this.own = new OwnUrls(starts.filter((start) => start !== ''));
  }

  /**
   * The URL of a pixel.
   *
   * @throws TrackingError `URL_TOO_LONG`, `INVALID_METADATA`, `TRACKING_OFF`, or `INVALID_OPTIONS`
   *   without a base
   */
  openUrl(given: LinkContent, metadata: Metadata | undefined, { opens } = this.modes): string {
    if (!isPixelFor(opens, given.recipient)) {
      throw new TrackingError(
        'TRACKING_OFF',
        `This mail gets no pixel, because the mode of its opens is '${opens}'` +
          `${opens === 'off' ? '' : ' and no recipient is given'}. See the option privacy.`,
      );
    }
    return this.write('open', undefined, given, metadata, opens);
  }

  /**
   * The URL that counts a click and leads on to `url`; `url` itself where nothing is to be counted.
   *
   * @throws TrackingError `UNSAFE_URL`, `URL_TOO_LONG`, `INVALID_METADATA`, or `INVALID_OPTIONS`
   *   without a base
   */
  clickUrl(
    url: string,
    given: LinkContent,
    metadata: Metadata | undefined,
    { clicks } = this.modes,
  ): string {
    const refusal = this.refusal(url);
    if (refusal !== undefined) {
      throw new TrackingError('UNSAFE_URL', `This destination cannot be tracked: ${refusal}.`);
    }
    return clicks === 'off' ? url : this.write('click', url, given, metadata, clicks);
  }

  /**
   * The same for a destination that {@link refusal} had nothing against, for example when the mail
   * was compiled. It is checked again only where the decision may change: by `redirect.check`.
   *
   * @throws TrackingError as {@link clickUrl}
   */
  clickUrlAgain(url: string, given: LinkContent, modes: Required<PrivacyModes>): string {
    if (this.policy.mayChange) return this.clickUrl(url, given, given.metadata, modes);
    return this.write('click', url, given, given.metadata, modes.clicks);
  }

  /** Returns the modes of a mail, as far as the configuration allows them. */
  modesOf(privacy: PrivacyModes | undefined): Required<PrivacyModes> {
    return privacy ? narrowest([this.modes, privacy]) : this.modes;
  }

  /** Whether links can say less than everything: only `packed` links can. */
  get knowsModes(): boolean {
    return this.codec instanceof PackedCodec;
  }

  /** The day (UTC), which is all that an anonymous link knows of the time. */
  get day(): string {
    return utcDay(new Date(this.now()));
  }

  /** Returns what an anonymous link keeps of metadata and tags. */
  keptOf(content: Pick<LinkContent, 'metadata' | 'tags'>): ReturnType<typeof keptOf> {
    return keptOf(content, this.options.privacy);
  }

  /** Why the redirect policy refuses a destination; `undefined` if it does not. */
  refusal(url: string): string | undefined {
    if (typeof url !== 'string') return 'it is not a string';
    return this.policy.decide(url, isSealed(this.codec.name), null).refusal;
  }

  /** Whether a URL is a tracking URL of this configuration. */
  owns(url: string): boolean {
    return this.own.owns(url);
  }

  private write(
    purpose: 'open' | 'click',
    url: string | undefined,
    given: LinkContent,
    metadata: Metadata | undefined,
    mode: PrivacyMode,
  ): string {
    const { options } = this;
    // Without a base, pytracking gives the bare token.
    const base = options[BASE_OPTIONS[purpose]] ?? (options.urlJoin === 'python' ? '' : undefined);
    if (base === undefined) {
      throw new TrackingError(
        'INVALID_OPTIONS',
        `${BASE_OPTIONS[purpose]}: is needed, because tracking URLs start with it`,
      );
    }
    const payload = this.payload(url, given, metadata);
    if (mode !== 'identified') this.narrow(payload, purpose === 'open' ? mode : 'anonymous');
    const token = this.codec.encode(payload, purpose);
    const tracking = joinTrackingUrl(base, token, options.urlJoin, options.appendSlash);
    if (tracking.length > options.maxUrlLength || token.length > MAX_TOKEN_LENGTH) {
      throw new TrackingError(
        'URL_TOO_LONG',
        `The tracking URL has ${tracking.length} characters, more than maxUrlLength ` +
          `(${options.maxUrlLength}): shorten the destination or the metadata.`,
      );
    }
    return tracking;
  }

  private narrow(payload: LinkPayload, mode: PrivacyMode): void {
    if (!this.knowsModes) {
      throw new TrackingError(
        'INVALID_OPTIONS',
        `privacy: links of the format '${this.codec.name}' are 'identified' or 'off' only; use 'packed'`,
      );
    }
    payload.mode = mode === 'deliverability' ? mode : 'anonymous';
    if (mode === 'deliverability') return;
    const { metadata, tags } = this.keptOf(payload);
    delete payload.messageId;
    delete payload.recipient;
    delete payload.metadata;
    delete payload.tags;
    if (Object.keys(metadata).length > 0) payload.metadata = metadata;
    if (tags.length > 0) payload.tags = tags;
  }

  private payload(
    url: string | undefined,
    given: LinkContent,
    metadata: Metadata | undefined,
  ): LinkPayload {
    const { options } = this;
    const payload: LinkPayload = {};
    if (url !== undefined) payload.url = url;
    const own = metadata === undefined ? undefined : checkMetadata(metadata);
    const merged = options.includeDefaultMetadata
      ? { ...options.defaultMetadata, ...own }
      : { ...own };
    if (Object.keys(merged).length > 0) payload.metadata = merged;
    if (options.includeWebhookUrl && options.webhookUrl !== undefined) {
      payload.webhookUrl = options.webhookUrl;
    }
    if (options.includeWebhookTimeout) {
      payload.webhookTimeoutSeconds = options.webhookTimeoutSeconds;
    }
    copyContext(given, payload);
    return payload;
  }
}

/** Whether a mail of a mode gets a pixel. */
export function isPixelFor(opens: PrivacyMode, recipient: string | undefined): boolean {
  return opens !== 'off' && (opens !== 'deliverability' || recipient !== undefined);
}

/**
 * Copies what is given, and refuses what could not be read back. Each member is read by its name:
 * a loop over the names took half a microsecond of a link.
 */
function copyContext(given: LinkContent, payload: LinkPayload): void {
  const { messageId, recipient, linkLabel, linkIndex, linkCount, trackedLinkCount } = given;
  const { tags, part, sentAt, isUnsubscribeLink } = given;
  if (messageId !== undefined) payload.messageId = text('messageId', messageId);
  if (recipient !== undefined) payload.recipient = text('recipient', recipient);
  if (linkLabel !== undefined) payload.linkLabel = text('linkLabel', linkLabel);
  if (linkIndex !== undefined) payload.linkIndex = count('linkIndex', linkIndex);
  if (linkCount !== undefined) payload.linkCount = count('linkCount', linkCount);
  if (trackedLinkCount !== undefined) {
    payload.trackedLinkCount = count('trackedLinkCount', trackedLinkCount);
  }
  if (tags !== undefined) {
    if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) {
      throw wrong('tags', 'must be an array of strings');
    }
    if (tags.length > 0) payload.tags = tags;
  }
  if (part !== undefined) {
    if (part !== 'html' && part !== 'text') throw wrong('part', "must be 'html' or 'text'");
    payload.part = part;
  }
  if (isUnsubscribeLink !== undefined) {
    if (typeof isUnsubscribeLink !== 'boolean')
      throw wrong('isUnsubscribeLink', 'must be a boolean');
    payload.isUnsubscribeLink = isUnsubscribeLink;
  }
  if (sentAt !== undefined) {
    if (!(sentAt instanceof Date)) throw wrong('sentAt', 'must be a Date');
    payload.sentAt = sentAt;
  }
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw wrong(name, 'must be a string');
}

function count(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw wrong(name, 'must be a whole number');
}

function wrong(name: string, problem: string): TrackingError {
  return new TrackingError('INVALID_METADATA', `A link cannot carry this: ${name} ${problem}.`);
}
