import { isTrackingError, TrackingError } from '../tracking.error.js';
import { PlainCodec } from './codecs/plain.codec.js';
import { extractToken, spellingsOf } from './find-token.js';
import { isPlainObject } from '../util/is-object.js';
import { isKeyed, type LinkCodec, type OpenedLink } from './link-codec.js';
import type { LinkPayload, LinkPurpose } from './link-payload.js';
import type { LinkOptions } from './link-options.js';
import type { RequestData, TrackingResult } from './tracking-result.js';
import { utcDay } from '../util/utc-day.js';

/** Reads tracking URLs. Whether a destination is allowed is decided by the redirect policy. */
export class LinkReader {
  /** @param codecs tried in this order */
  constructor(
    private readonly codecs: readonly LinkCodec[],
    private readonly options: LinkOptions,
    private readonly now: () => number,
  ) {}

  /**
   * @param urlOrPath a full tracking URL, its path, or a bare token
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY` or `WRONG_PURPOSE`
   */
  read(urlOrPath: string, purpose: LinkPurpose, requestData: RequestData | null): TrackingResult {
    const token = typeof urlOrPath === 'string' ? extractToken(urlOrPath) : '';
    if (token === '') {
      throw new TrackingError(
        'INVALID_TOKEN',
        'This URL does not end in a tracking token. Pass the complete tracking URL.',
      );
    }
    const { format, payload, keyId } = this.open(token, purpose);
    return this.toResult(format, payload, keyId, purpose, requestData);
  }

  private open(token: string, purpose: LinkPurpose): OpenedLink & { format: string } {
    let failure: TrackingError | undefined;
    for (const codec of this.codecs) {
      for (const spelling of spellingsOf(token, kindOf(codec))) {
        try {
          return { format: codec.name, ...openWith(codec, spelling, purpose) };
        } catch (error) {
          failure = moreTelling(failure, asTrackingError(error));
        }
      }
    }
    throw (
      failure ?? new TrackingError('INVALID_TOKEN', 'No format is configured that reads links.')
    );
  }

  private toResult(
    format: string,
    payload: LinkPayload,
    keyId: string | null,
    purpose: LinkPurpose,
    requestData: RequestData | null,
  ): TrackingResult {
    const { options } = this;
    const webhookUrl = options.includeWebhookUrl ? payload.webhookUrl : options.webhookUrl;
    return {
      isOpenTracking: purpose === 'open',
      isClickTracking: purpose === 'click',
      purpose,
      trackedUrl: payload.url || null,
      webhookUrl: webhookUrl ?? null,
      webhookTimeoutSeconds: webhookUrl
        ? (payload.webhookTimeoutSeconds ?? options.webhookTimeoutSeconds)
        : null,
      // A sender that includes its defaults has settled them; ours would speak of another mail.
      metadata: options.includeDefaultMetadata
        ? { ...payload.metadata }
        : { ...options.defaultMetadata, ...payload.metadata },
      requestData,
      timestamp: Math.floor(this.now() / 1000),
      messageId: payload.messageId ?? null,
      recipient: payload.recipient ?? null,
      tags: payload.tags ?? [],
      sentAt: payload.mode ? null : (payload.sentAt ?? null),
      ...(payload.mode && { mode: payload.mode }),
      ...(payload.mode && payload.sentAt && { sentOn: utcDay(payload.sentAt) }),
      linkIndex: payload.linkIndex ?? null,
      linkCount: payload.linkCount ?? null,
      trackedLinkCount: payload.trackedLinkCount ?? null,
      isUnsubscribeLink: purpose === 'unsubscribe' || (payload.isUnsubscribeLink ?? false),
      list: payload.list ?? null,
      linkLabel: payload.linkLabel ?? null,
      part: payload.part ?? null,
      format,
      keyId,
    };
  }
}

function openWith(codec: LinkCodec, token: string, purpose: LinkPurpose): OpenedLink {
  if (isKeyed(codec)) return codec.open(token, purpose);
  return { payload: checkPayload(codec.decode(token, purpose)), keyId: null };
}

function kindOf(codec: LinkCodec): 'sealed' | 'unsealed' | 'own' {
  if (isKeyed(codec)) return 'sealed';
  return codec instanceof PlainCodec ? 'unsealed' : 'own';
}

/** Picks the most specific error of several formats that refused the token. */
function moreTelling(known: TrackingError | undefined, next: TrackingError): TrackingError {
  return known === undefined || (known.code === 'INVALID_TOKEN' && next.code !== 'INVALID_TOKEN')
    ? next
    : known;
}

function asTrackingError(error: unknown): TrackingError {
  if (isTrackingError(error)) return error;
  // Errors of custom codecs may contain a token or other secrets, so they are not passed on.
  return new TrackingError('INVALID_TOKEN', 'The codec of this link failed.');
}

const TYPES: Record<keyof LinkPayload, (value: unknown) => boolean> = {
  url: isString,
  metadata: isPlainObject,
  webhookUrl: isString,
  webhookTimeoutSeconds: isNumber,
  messageId: isString,
  recipient: isString,
  tags: (value) => Array.isArray(value) && value.every(isString),
  linkLabel: isString,
  linkIndex: isNumber,
  linkCount: isNumber,
  trackedLinkCount: isNumber,
  isUnsubscribeLink: (value) => typeof value === 'boolean',
  list: isString,
  part: (value) => value === 'html' || value === 'text',
  mode: (value) => value === 'anonymous' || value === 'deliverability',
  sentAt: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
};

/** A codec of the user's own is trusted to mean well, not to be free of mistakes. */
function checkPayload(payload: LinkPayload): LinkPayload {
  if (!isPlainObject(payload)) {
    throw new TrackingError('INVALID_TOKEN', 'The codec of this link returned no payload.');
  }
  for (const [name, isRight] of Object.entries(TYPES)) {
    const value = payload[name as keyof LinkPayload];
    if (value !== undefined && !isRight(value)) {
      throw new TrackingError(
        'INVALID_TOKEN',
        `The codec of this link returned an invalid ${name}.`,
      );
    }
  }
  return payload;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
