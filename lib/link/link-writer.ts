import { TrackingError } from '../tracking.error.js';
import { checkMetadata } from './json-value.js';
import type { LinkCodec } from './link-codec.js';
import type { LinkPayload, Metadata } from './link-payload.js';
import { parseUrl } from './parse-url.js';
import type { RedirectPolicy } from './redirect-policy.js';
import { joinTrackingUrl, MAX_TOKEN_LENGTH, type UrlJoin } from './tracking-url.js';

/** What writing needs to know of the configuration. */
export interface WriterSettings {
  codec: LinkCodec;
  /** Whether nobody else can write such links. */
  sealed: boolean;
  policy: RedirectPolicy;
  baseUrls: { open: string | undefined; click: string | undefined };
  urlJoin: UrlJoin;
  appendSlash: boolean;
  maxUrlLength: number;
  /** Put into every link; `{}` unless `includeDefaultMetadata`. */
  metadata: Metadata;
  webhookUrl: string | undefined;
  webhookTimeoutSeconds: number | undefined;
}

const BASE_OPTIONS = { open: 'baseOpenTrackingUrl', click: 'baseClickTrackingUrl' } as const;

/** Writes tracking URLs. */
export class LinkWriter {
  constructor(private readonly settings: WriterSettings) {}

  /**
   * The URL of a pixel.
   *
   * @throws TrackingError `URL_TOO_LONG`, `INVALID_METADATA`, or `INVALID_OPTIONS` without a base
   */
  openUrl(payload: Omit<LinkPayload, 'url'>): string {
    return this.write('open', undefined, payload);
  }

  /**
   * The URL that counts a click and leads on to `url`.
   *
   * @throws TrackingError `UNSAFE_URL`, `URL_TOO_LONG`, `INVALID_METADATA`, or `INVALID_OPTIONS`
   *   without a base
   */
  clickUrl(url: string, payload: Omit<LinkPayload, 'url'>): string {
    const refusal = this.refusal(url);
    if (refusal !== undefined) {
      throw new TrackingError('UNSAFE_URL', `This destination cannot be tracked: ${refusal}.`);
    }
    return this.write('click', url, payload);
  }

  /** Why the redirect policy refuses a destination; `undefined` if it does not. */
  refusal(url: string): string | undefined {
    if (typeof url !== 'string') return 'it is not a string';
    return this.settings.policy.judge(url, this.settings.sealed, null).refusal;
  }

  /** Whether a URL is a tracking URL of this configuration. */
  owns(url: string): boolean {
    return this.isBelow(url, 'open') || this.isBelow(url, 'click');
  }

  private isBelow(url: string, purpose: 'open' | 'click'): boolean {
    const base = this.settings.baseUrls[purpose];
    if (!base) return false;
    const { urlJoin } = this.settings;
    const start = joinTrackingUrl(base, '', urlJoin, false);
    if (url.length > start.length && url.startsWith(start)) return true;
    const given = parseUrl(url);
    const known = parseUrl(start);
    return (
      given !== undefined &&
      known !== undefined &&
      given.origin === known.origin &&
      given.pathname.length > known.pathname.length &&
      given.pathname.startsWith(known.pathname)
    );
  }

  private write(
    purpose: 'open' | 'click',
    url: string | undefined,
    given: Omit<LinkPayload, 'url'>,
  ): string {
    const { settings } = this;
    const base = settings.baseUrls[purpose];
    if (base === undefined) {
      throw new TrackingError(
        'INVALID_OPTIONS',
        `${BASE_OPTIONS[purpose]}: set it, tracking URLs start with it`,
      );
    }
    const token = settings.codec.encode(this.payload(url, given), purpose);
    const tracking = joinTrackingUrl(base, token, settings.urlJoin, settings.appendSlash);
    if (tracking.length > settings.maxUrlLength || token.length > MAX_TOKEN_LENGTH) {
      throw new TrackingError(
        'URL_TOO_LONG',
        `The tracking URL has ${tracking.length} characters, more than maxUrlLength ` +
          `(${settings.maxUrlLength}): shorten the destination or the metadata.`,
      );
    }
    return tracking;
  }

  private payload(url: string | undefined, given: Omit<LinkPayload, 'url'>): LinkPayload {
    const { settings } = this;
    const payload: LinkPayload = {};
    if (url !== undefined) payload.url = url;
    const metadata = given.metadata === undefined ? undefined : checkMetadata(given.metadata);
    const merged = { ...settings.metadata, ...metadata };
    if (Object.keys(merged).length > 0) payload.metadata = merged;
    if (settings.webhookUrl !== undefined) payload.webhookUrl = settings.webhookUrl;
    if (settings.webhookTimeoutSeconds !== undefined) {
      payload.webhookTimeoutSeconds = settings.webhookTimeoutSeconds;
    }
    copyContext(given, payload);
    return payload;
  }
}

const TEXTS = ['messageId', 'recipient', 'linkLabel'] as const;
const COUNTS = ['linkIndex', 'linkCount'] as const;

/** Copies what is given, and refuses what could not be read back. */
function copyContext(given: Omit<LinkPayload, 'url'>, payload: LinkPayload): void {
  for (const name of TEXTS) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw wrong(name, 'must be a string');
    payload[name] = value;
  }
  for (const name of COUNTS) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 0) throw wrong(name, 'must be a whole number');
    payload[name] = value;
  }
  const { tags, part, sentAt } = given;
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
  if (sentAt !== undefined) {
    if (!(sentAt instanceof Date)) throw wrong('sentAt', 'must be a Date');
    payload.sentAt = sentAt;
  }
}

function wrong(name: string, problem: string): TrackingError {
  return new TrackingError('INVALID_METADATA', `A link cannot carry this: ${name} ${problem}.`);
}
