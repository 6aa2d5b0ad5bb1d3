import { createHash } from 'node:crypto';
import type { RejectReason } from '../../plugin.js';
import { isOneOf, several } from '../auth/checks.js';
import type { EspAuthentication, EspProvider, EspSecret } from '../esp-provider.js';
import { missing, wrong } from '../esp-refusal.js';
import { lookUp, meaningOf, type Meaning } from '../meanings.js';
import { fromIso } from '../times.js';
import { firstOf, isObject, listOf, objectOf, requireList, requireObject } from '../values.js';

/** What Unisender Go takes beside the options of every provider. */
export interface UnisenderGoOptions {
  /** The API key of the project, or of the account, that the webhook belongs to. A list rotates. */
  apiKey?: EspSecret;
}

/** The one kind of event that is about a mail. */
const EMAIL_STATUS = 'transactional_email_status';

/**
 * `status`, with Unisender Go's words for it. https://godocs.unisender.ru/web-api-ref#callback-format
 * (2026-11). Compared with django-anymail (anymail/webhooks/unisender_go.py).
 */
const STATUSES: Readonly<Record<string, Meaning>> = {
  sent: 'sent', // Sent, and not yet taken.
  delivered: 'delivered', // Taken by the receiving server.
  opened: 'opened',
  clicked: 'clicked', // A link was followed.
  unsubscribed: 'unsubscribed',
  subscribed: 'subscribed', // The recipient subscribed again.
  spam: 'complained', // The recipient called it spam.
  soft_bounced: ['deferred', null, false], // Refused for now: Unisender Go tries again.
  hard_bounced: ['bounced', null, true], // Refused for good.
};

/** `delivery_info.delivery_status`, with Unisender Go's words for it. */
const ERRORS: Readonly<Record<string, RejectReason>> = {
  err_user_unknown: 'bounced', // The address does not exist.
  err_user_inactive: 'bounced', // The address exists, and nobody uses it.
  err_mailbox_full: 'bounced', // The mailbox is full.
  err_mailbox_discarded: 'bounced', // The mailbox does not exist any more.
  err_too_large: 'bounced', // The mail is too large.
  err_unreachable: 'bounced', // The server of the domain cannot be reached.
  err_skip_letter: 'bounced', // Not sent, because the address has been out of reach for long.
  err_domain_inactive: 'bounced', // The domain takes no mail, or is not there.
  err_destination_misconfigured: 'bounced', // The receiving server is set up wrongly.
  err_spam_rejected: 'spam', // Refused as spam.
  err_spam_skipped: 'spam', // Not sent, because it looks like spam.
  err_blacklisted: 'blocked', // Not sent: the address is on a list of Unisender Go's or the sender's.
  err_unsubscribed: 'unsubscribed', // Not sent: the recipient unsubscribed.
  err_delivery_failed: 'other', // Refused for another reason.
  err_lost: 'other', // Lost by Unisender Go.
};

/** Refused for now: no reason yet. */
const WILL_RETRY = 'err_will_retry';

/** Unisender Go posts up to 100 events of one account, or one alone, and signs inside of the body. */
export const unisenderGo: EspProvider<UnisenderGoOptions> = {
  key: 'unisenderGo',
  espName: 'Unisender Go',
  routes: ['unisender_go/tracking'],
  // Up to 100 events a request.
  limits: { bytes: 1024 * 1024, members: 8000 },
  options: { apiKey: { type: 'secret' } },
  answersGet: true,

  authenticate: ({ apiKey }) => [apiKey && signedWithin(several(apiKey))],

  parse(request) {
    const body = requireObject(request.json());
    if (!('events_by_user' in body)) return isStatus(body) ? [body] : [];
    return requireList(body.events_by_user, '"events_by_user"')
      .flatMap((user) => listOf(objectOf(user).events))
      .filter(isStatus)
      .map((event) => (isObject(event) && 'event_data' in event ? event.event_data : event));
  },

  toEvent(raw) {
    const event = requireObject(raw);
    const info = objectOf(event.delivery_info);
    const { anymail_id: theirs, ...metadata } = objectOf(event.metadata);
    return {
      ...meaningOf(STATUSES, event.status),
      timestamp: timeOf(event.event_time),
      messageId: firstOf(theirs, event.job_id),
      recipient: event.email,
      metadata,
      rejectReason: reasonOf(info.delivery_status),
      description: firstOf(info.delivery_status, event.comment),
      mtaResponse: info.destination_response,
      userAgent: info.user_agent,
      userIp: info.ip,
      clickUrl: event.url,
    };
  },
};

/** Other kinds tell of blocked senders and the like. What names no kind is taken for a mail's. */
function isStatus(event: unknown): boolean {
  const { event_name: name } = objectOf(event);
  return name === undefined || name === EMAIL_STATUS;
}

/** UTC by definition: an offset would be wrong. */
function timeOf(value: unknown): Date | null {
  return typeof value === 'string' ? fromIso(value.replace(/(?:Z|[+-]\d\d:?\d\d)$/i, '')) : null;
}

function reasonOf(status: unknown): RejectReason | null {
  if (typeof status !== 'string' || !status.startsWith('err')) return null;
  return status === WILL_RETRY ? null : (lookUp(ERRORS, status) ?? 'other');
}

/** The digest appears once in the body, so it splits the body in two. */
const MAX_PARTS = 16;

/**
 * Checks an MD5 over the bytes of the body in which the digest is replaced by the key. MD5 is weaker
 * than an HMAC: use Basic authentication as well.
 */
function signedWithin(apiKeys: readonly string[]): EspAuthentication {
  const keys = apiKeys.map((key) => Buffer.from(key).toString('latin1'));
  return {
    verify(request) {
      const given = requireObject(request.json()).auth;
      if (typeof given !== 'string' || given === '') {
        throw missing('The body has no signature: only the provider can make it (apiKey).');
      }
      // Bytes as characters. A digest of another length might make the body grow without bounds.
      const isDigest = /^[0-9a-f]{32}$/.test(given);
      const parts = isDigest ? request.body.toString('latin1').split(given, MAX_PARTS + 1) : [];
      const expected = keys.map((key) =>
        createHash('md5').update(parts.join(key), 'latin1').digest('hex'),
      );
      if (!isDigest || parts.length > MAX_PARTS || !isOneOf(given, expected)) {
        throw wrong(
          'The signature is wrong: compare apiKey with the key of the project, or account, that the ' +
            'webhook belongs to.',
        );
      }
    },
  };
}
