import { isTrackingError, type ListHeaders, type ListSubject, TrackingError } from '../index.js';
import type { LineLog } from '../util/log.js';
import { describeError } from './describe-error.js';
import { coverListHeaders } from './dkim.js';
import { addListHeaders, hasListUnsubscribe } from './list-headers.js';
import type { MailData } from './mail-data.js';
import { givenMessageId, makeMessageId, singleRecipient } from './mail-identity.js';
import { trackerFor } from './mail-rewriter.js';
import { isNeverRewritten } from './never-rewritten.js';
import type { MailOptions, MailTracker, NodemailerMessage } from './plugin-options.js';
import type { MailOutcome, Tracking, UnsubscribeHeaders } from './tracking-outcome.js';

type OptionsOfList = MailOptions & Required<Pick<MailOptions, 'unsubscribe'>>;

/** What became of the headers, and the id that is in their link. */
type Headers = Pick<MailOutcome, 'unsubscribe' | 'dkim'> & { messageId?: string };

/** Puts the headers of RFC 8058 on a mail that names a list, and has them signed. */
export class UnsubscribeStep {
  constructor(
    private readonly tracker: MailTracker,
    private readonly log: LineLog<'TrackingPlugin'>,
  ) {}

  /**
   * @param addresses who gets the mail
   * @throws TrackingError with `requireUnsubscribe`, for a mail of a list without the header
   */
  apply(
    mail: NodemailerMessage,
    options: MailOptions,
    tracking: Tracking,
    addresses: readonly string[],
  ): Headers {
    const { unsubscribe: list, requireUnsubscribe } = options;
    if (list === undefined) return without('off');
    const headers = this.write(mail, { ...options, unsubscribe: list }, tracking, addresses);
    if (requireUnsubscribe && !['added', 'own'].includes(headers.unsubscribe)) {
      throw refusal(headers.unsubscribe, tracking);
    }
    return headers;
  }

  private write(
    mail: NodemailerMessage,
    options: OptionsOfList,
    tracking: Tracking,
    addresses: readonly string[],
  ): Headers {
    const data: MailData = mail.data;
    if (!tracking.tracked && isNeverRewritten(tracking.reason)) return without('off');
    if (hasListUnsubscribe(data)) return { unsubscribe: 'own', dkim: coverListHeaders(mail) };
    if (addresses.length > 1) return without('several-recipients');
    const [only] = addresses;
    if (only === undefined) return without('no-recipient');
    try {
      const known = tracking.messageId ?? givenMessageId(data);
      const messageId = known ?? makeMessageId(data);
      const recipient = options.recipient ?? singleRecipient(data) ?? only;
      addListHeaders(
        data,
        this.headersFor({ ...options.unsubscribe, recipient, messageId }, options),
      );
      if (known === null) data.messageId = messageId;
      return { unsubscribe: 'added', dkim: coverListHeaders(mail), messageId };
    } catch (error) {
      if (options.requireUnsubscribe && isTrackingError(error)) throw error;
      this.log.write(
        'LIST_HEADERS_FAILED',
        `A mail of a list is sent without List-Unsubscribe: ${describeError(error)}`,
      );
      return without('off');
    }
  }

  private headersFor(subject: ListSubject, { overrides }: MailOptions): ListHeaders {
    const tracker = trackerFor(this.tracker, overrides);
    if (tracker.getListHeaders) return tracker.getListHeaders(subject);
    throw new TrackingError(
      'INVALID_OPTIONS',
      'unsubscribe: the plugin was made with something that has no getListHeaders. Give ' +
        'trackingPlugin() the TrackingService.',
    );
  }
}

function without(unsubscribe: UnsubscribeHeaders): Headers {
  return { unsubscribe, dkim: null };
}

function refusal(unsubscribe: UnsubscribeHeaders, tracking: Tracking): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'A mail of a list is not sent, because requireUnsubscribe is on and List-Unsubscribe cannot be ' +
      `added: ${factOf(unsubscribe, tracking)}.`,
  );
}

function factOf(unsubscribe: UnsubscribeHeaders, tracking: Tracking): string {
  if (unsubscribe === 'several-recipients') {
    return 'it has several recipients. Send one mail to each of them';
  }
  if (unsubscribe === 'no-recipient') {
    return 'it has no recipient that can be told for certain. Give it one address';
  }
  return !tracking.tracked && isNeverRewritten(tracking.reason)
    ? `mails of its kind are never changed (${tracking.reason}). Send it without a list`
    : 'writing the link failed, and the failure is logged';
}
