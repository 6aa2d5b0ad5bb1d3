import { createHmac } from 'node:crypto';
import {
  toTrackingEvent,
  type TrackingEvent,
  type UnsubscribeVia,
} from '../event/tracking-event.js';
import { PackedCodec } from '../link/codecs/packed.codec.js';
import type { KeyRing } from '../link/key-ring.js';
import type { LinkPayload } from '../link/link-payload.js';
import { LinkReader } from '../link/link-reader.js';
import { OwnUrls } from '../link/own-urls.js';
import { joinTrackingUrl } from '../link/tracking-url.js';
import type { RequestData, TrackingResult } from '../link/tracking-result.js';
import type { ListHeaders, ListSubject, UnsubscribeSubject } from '../link/unsubscribe-subject.js';
import { isTrackingError, TrackingError } from '../tracking.error.js';
import { tokensOfSubject } from './subject-tokens.js';
import { MAX_LIST_LENGTH, type UnsubscribeSettings } from './unsubscribe-options.js';

/** The content of an unsubscribe link. */
export interface UnsubscribeResult extends TrackingResult {
  /** Always `unsubscribe`. */
  purpose: 'unsubscribe';
  /** The address of the reader who leaves. */
  recipient: string;
  /** The list that the link is for. */
  list: string;
}

/** Returns the unsubscribe links of the configuration, or of the configuration with overrides. */
export interface UnsubscribeResolver<Overrides = object> {
  /** @throws TrackingError `INVALID_OPTIONS` */
  unsubscribeLinks(overrides?: Overrides): UnsubscribeLinks;
}

const MAX_RECIPIENT_LENGTH = 320;

/** RFC 5322 ends a line at 998 characters; the brackets, a space and a comma need their room. */
const MAX_URL_IN_HEADER = 990;

/** What mail programs take for a subject without cutting it. */
const MAX_MAILTO_SUBJECT = 255;

/** Writes and reads the unsubscribe links of one configuration: `packed`, whatever `format` says. */
export class UnsubscribeLinks {
  private readonly codec: PackedCodec;
  private readonly reader: LinkReader;
  private readonly own: OwnUrls;

  /**
   * @param keys those that write and read, then those that only read
   * @param onLongSubject called when the `mailto:` URL is left out because its subject is too long
   */
  constructor(
    readonly options: UnsubscribeSettings,
    private readonly keys: KeyRing,
    now: () => number = Date.now,
    private readonly onLongSubject: () => void = () => undefined,
  ) {
    this.codec = new PackedCodec(keys, options.context, now);
    this.reader = new LinkReader([this.codec], options, now);
    const { baseUnsubscribeUrl: base } = options;
    this.own = new OwnUrls(base === undefined ? [] : [joinTrackingUrl(base, '', 'append', false)]);
  }

  /** Returns true for an unsubscribe URL of this configuration. */
  owns(url: string): boolean {
    return this.own.owns(url);
  }

  /**
   * Returns the URL that ends a subscription.
   *
   * @throws TrackingError `INVALID_METADATA`, `URL_TOO_LONG`, or `INVALID_OPTIONS` without a base
   */
  urlFor(subject: UnsubscribeSubject): string {
    return this.write(subject).url;
  }

  /** Returns the headers of a mail, and the URL in them. @throws TrackingError as {@link urlFor} */
  headersFor({ listId, ...subject }: ListSubject): { url: string; headers: ListHeaders } {
    const { url, token } = this.write(subject);
    if (url.length > MAX_URL_IN_HEADER) {
      throw tooLong(url, `a line of a header holds ${MAX_URL_IN_HEADER}`);
    }
    const mailto = this.mailtoFor(token);
    const headers: ListHeaders = {
      'List-Unsubscribe': mailto === undefined ? `<${url}>` : `<${url}>, <${mailto}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    };
    if (listId !== undefined) headers['List-Id'] = checkListId(listId);
    return { url, headers };
  }

  /** Checks a list and its id before a recipient is known. @throws TrackingError as {@link headersFor} */
  check({ list, listId }: Pick<ListSubject, 'list' | 'listId'>): void {
    this.base();
    this.checkList(list);
    if (listId !== undefined) checkListId(listId);
  }

  /**
   * Reads an unsubscribe link.
   *
   * @param urlTokenOrSubject a URL, its path, a token, or the subject of a mail that has one token
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY` or `WRONG_PURPOSE`
   */
  read(urlTokenOrSubject: string, requestData: RequestData | null = null): UnsubscribeResult {
    const tokens = tokensOfSubject(urlTokenOrSubject);
    if (tokens === undefined) return this.readOne(urlTokenOrSubject, requestData);
    const found = tokens.flatMap((token) => this.tryToRead(token, requestData));
    const [first] = found;
    const others = found.slice(1).filter((result) => contentOf(result) !== contentOf(first!));
    if (first !== undefined && others.length === 0) return first;
    throw new TrackingError(
      'INVALID_TOKEN',
      `This subject holds ${first === undefined ? 'no unsubscribe token that can be read' : 'more than one unsubscribe token'}.`,
    );
  }

  /**
   * Returns the event of a wish to leave. Its `eventId` is the same for all wishes of one link and list
   * in one hour (UTC).
   *
   * @param isAll whether the reader leaves all lists
   */
  eventOf(
    result: UnsubscribeResult,
    timestamp: Date,
    via: UnsubscribeVia | null,
    isAll = false,
  ): TrackingEvent {
    const list = isAll ? null : result.list;
    const eventId = this.eventIdOf(result, timestamp, list);
    return { ...toTrackingEvent(result, timestamp), eventId, list, via };
  }

  private eventIdOf(result: TrackingResult, timestamp: Date, list: string | null): string {
    const key = this.keys.keys.find(({ name }) => name === result.keyId) ?? this.keys.writer;
    const hour = Math.floor(timestamp.getTime() / 3_600_000);
    const hash = createHmac('sha256', key.derive('unsubscribe/event-id/1'))
      .update(JSON.stringify([this.options.context ?? '', contentOf(result), hour, list]))
      .digest();
    // RFC 9562, 5.8: version 8 is a UUID of one's own making.
    hash[6] = (hash[6]! & 0x0f) | 0x80;
    hash[8] = (hash[8]! & 0x3f) | 0x80;
    return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  private write({ recipient, list, messageId, sentAt }: UnsubscribeSubject): {
    url: string;
    token: string;
  } {
    const base = this.base();
    checkRecipient(recipient);
    this.checkList(list);
    const payload: LinkPayload = { recipient, list };
    if (messageId !== undefined) payload.messageId = messageId;
    if (sentAt !== undefined) payload.sentAt = sentAt;
    const token = this.codec.encode(payload, 'unsubscribe');
    const url = joinTrackingUrl(base, token, 'append', this.options.appendSlash);
    const { maxUrlLength } = this.options;
    if (url.length > maxUrlLength) throw tooLong(url, `maxUrlLength is ${maxUrlLength}`);
    return { url, token };
  }

  private base(): string {
    const { baseUnsubscribeUrl: base } = this.options;
    if (base !== undefined) return base;
    throw new TrackingError(
      'INVALID_OPTIONS',
      'baseUnsubscribeUrl: is needed, because unsubscribe links start with it',
    );
  }

  private checkList(list: unknown): void {
    const { lists } = this.options.unsubscribe;
    const isName = typeof list === 'string' && list.length > 0 && list.length <= MAX_LIST_LENGTH;
    if (!isName || !list.isWellFormed()) {
      throw wrong(`list must be a text of 1 to ${MAX_LIST_LENGTH} characters`);
    }
    if (lists && !Object.hasOwn(lists, list)) {
      throw wrong('list must be one of unsubscribe.lists; check its spelling, or add it there');
    }
  }

  private mailtoFor(token: string): string | undefined {
    const { mailto } = this.options.unsubscribe;
    if (mailto === undefined) return undefined;
    if (`unsubscribe ${token}`.length > MAX_MAILTO_SUBJECT) {
      this.onLongSubject();
      return undefined;
    }
    return `mailto:${mailto.replaceAll('+', '%2B')}?subject=unsubscribe%20${token}`;
  }

  private readOne(urlOrToken: string, requestData: RequestData | null): UnsubscribeResult {
    const result = this.reader.read(urlOrToken, 'unsubscribe', requestData);
    const { recipient, list } = result;
    if (!recipient || !list) {
      throw new TrackingError('INVALID_TOKEN', 'This unsubscribe link names no list or recipient.');
    }
    return { ...result, purpose: 'unsubscribe', recipient, list };
  }

  private tryToRead(token: string, requestData: RequestData | null): UnsubscribeResult[] {
    try {
      return [this.readOne(token, requestData)];
    } catch (error) {
      if (isTrackingError(error)) return [];
      throw error;
    }
  }
}

/** What tells one link from another. */
function contentOf({ keyId, sentAt, recipient, list, messageId }: TrackingResult): string {
  return JSON.stringify([keyId, sentAt, recipient, list, messageId]);
}

function checkRecipient(recipient: unknown): void {
  const isAddress =
    typeof recipient === 'string' &&
    recipient.length <= MAX_RECIPIENT_LENGTH &&
    recipient.isWellFormed() &&
    /^[^\p{Cc}]+@[^\p{Cc}]+$/u.test(recipient);
  if (!isAddress) {
    throw wrong(`recipient must be an address of at most ${MAX_RECIPIENT_LENGTH} characters`);
  }
}

/** RFC 2919: labels with dots between them; the brackets may be there. */
function checkListId(listId: unknown): string {
  const id = typeof listId === 'string' ? listId.replace(/^<(.*)>$/, '$1') : '';
  if (id.length <= 255 && /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(id)) {
    return `<${id}>`;
  }
  throw wrong('listId must be an id such as news.example.com (RFC 2919)');
}

function tooLong(url: string, limit: string): TrackingError {
  return new TrackingError(
    'URL_TOO_LONG',
    `The unsubscribe URL has ${url.length} characters, and ${limit}: use a shorter base URL, list ` +
      'name or message id.',
  );
}

function wrong(problem: string): TrackingError {
  return new TrackingError(
    'INVALID_METADATA',
    `An unsubscribe link cannot be written: ${problem}.`,
  );
}
