import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RejectReason, TrackingEventType } from '../../plugin.js';
import { hmac } from '../auth/hmac.js';
import { checkWindow, isOneOf, several } from '../auth/checks.js';
import type { EspAuthentication, EspProvider, EspSecret, EspVerdict } from '../esp-provider.js';
import { missingSignature, unreadable, wrong, wrongSignature } from '../esp-refusal.js';
import type { EspRequest } from '../esp-request.js';
import { lookUp } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { firstOf, isObject, objectOf, onlyAddress, textOf } from '../values.js';
import { angled, CODES, fromLegacyForm, legacyForm } from './mailgun-legacy.js';

/** What Mailgun takes beside the options of every provider. */
export interface MailgunOptions {
  /**
   * The HTTP webhook signing key. A list rotates. The key of a parent account also proves the events of
   * its subaccounts.
   */
  signingKey?: EspSecret;
  /**
   * How old a signature may be. Mailgun's signature does not cover the event, so each of its tokens
   * is also good for one body only. `false` switches both off: to replay recorded requests.
   *
   * @default 86400
   */
  signatureMaxAgeSeconds?: number | false;
}

/** Mailgun sends again for 8 hours, by the same signature. */
const DAY = 86_400;

/**
 * `event`, with Mailgun's words for it.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-types (2026-11). Compared
 * with django-anymail (anymail/webhooks/mailgun.py) and Symfony (MailgunPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  accepted: 'queued', // Accepted the request to send, and queued the mail.
  rejected: 'rejected', // Rejected the request to send.
  delivered: 'delivered', // Sent, and accepted by the recipient's server.
  failed: 'bounced', // Could not be delivered to the recipient's server.
  opened: 'opened', // The recipient opened the mail and enabled image viewing.
  clicked: 'clicked', // The recipient followed a link.
  unsubscribed: 'unsubscribed', // The recipient followed the link to unsubscribe.
  complained: 'complained', // The recipient complained about spam.
  blocked: 'rejected', // Mailgun stopped it (Symfony).
};

/**
 * `reason` of a failure.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure and the names in
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/stats (2026-11)
 */
const REASONS: Readonly<Record<string, RejectReason>> = {
  bounce: 'bounced',
  'delayed-bounce': 'bounced', // Bounced after the receiving server had taken it.
  'suppress-bounce': 'bounced', // Bounced before, and not tried again.
  'suppress-unsubscribe': 'unsubscribed', // Unsubscribed before, and not tried.
  'suppress-complaint': 'spam', // Complained before, and not tried.
  espblock: 'blocked', // The receiving provider blocks the sender.
  // Too old: the time for trying ran out.
  old: 'timed_out',
  generic: 'other',
};

/** `client-info.bot`: whose machine Mailgun takes the client for. */
const BOTS: Readonly<Record<string, EspVerdict['kind']>> = {
  apple: 'privacy-proxy', // Mail Privacy Protection.
  gmail: 'privacy-proxy', // Google's image proxy.
};

/** Mailgun posts one event at a time, as JSON since 2018, as a form before that. */
export const mailgun: EspProvider<MailgunOptions> = {
  key: 'mailgun',
  espName: 'Mailgun',
  routes: ['mailgun/tracking'],
  // One event a request.
  limits: { bytes: 256 * 1024, members: 2000, unpacked: 64 * 1024 },
  options: { signingKey: { type: 'secret' }, signatureMaxAgeSeconds: { type: 'seconds' } },
  // Mailgun sends again whatever was not answered by 200 or 406; these would fail again.
  statuses: { 400: 406, 413: 406 },

  authenticate: ({ signingKey, signatureMaxAgeSeconds = DAY }) => [
    signingKey && signedTimeAndToken(several(signingKey)),
    signingKey && signatureMaxAgeSeconds !== false
      ? oncePerBody(signatureMaxAgeSeconds)
      : undefined,
  ],

  inbound: {
    is: (raw) => isObject(raw) && !('event' in raw) && !('event-data' in raw),
    advice: 'At Mailgun, take this URL out of the route for inbound mail.',
  },

  parse(request) {
    if (!isJson(request)) return [legacyForm(request)];
    const body = request.json();
    if (!isObject(objectOf(body)['event-data'])) throw unreadable('The body has no event-data.');
    return [body];
  },

  toEvent(raw, request) {
    if (!isJson(request)) return fromLegacyForm(request.form());
    const body = objectOf(raw);
    const event = objectOf(body['event-data']);
    const eventType =
      event.severity === 'temporary' ? 'deferred' : (lookUp(EVENTS, event.event) ?? 'unknown');
    const isRejected = eventType === 'rejected';
    const headers = objectOf(objectOf(event.message).headers);
    const status = objectOf(event['delivery-status']);
    const client = objectOf(event['client-info']);
    const reason =
      'reason' in event
        ? (lookUp(REASONS, event.reason) ?? 'other')
        : (lookUp(CODES, status.code) ?? null);
    return {
      eventType,
      name: event.event,
      // Not the token: a webhook of the account and one of the domain report an event by two tokens.
      eventId: firstOf(event.id, objectOf(body.signature).token),
      timestamp: fromUnixSeconds(event.timestamp),
      messageId: angled(headers['message-id']),
      recipient: textOf(event.recipient) || (isRejected ? onlyAddress(headers.to) : null),
      metadata: event['user-variables'],
      tags: event.tags,
      rejectReason: isRejected ? (reason ?? 'other') : reason,
      permanent: lookUp({ permanent: true, temporary: false }, event.severity) ?? null,
      description: isRejected
        ? textOf(status.description) || objectOf(event.reject).reason
        : status.description,
      mtaResponse: status.message,
      userAgent: client['user-agent'],
      userIp: event.ip,
      clickUrl: event.url,
      verdict: verdictOf(client.bot),
    };
  },
};

function verdictOf(bot: unknown): EspVerdict | null {
  if (typeof bot !== 'string' || bot === '') return null;
  return { kind: lookUp(BOTS, bot) ?? 'scanner', certainty: 'probable', reason: 'MAILGUN_BOT' };
}

function isJson(request: EspRequest): boolean {
  return request.mediaType === 'application/json';
}

/**
 * The signature by the key of the parent account, for events of a subaccount.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks (2026-11)
 */
const PARENT = 'parent-signature';

interface Signature {
  timestamp: string;
  token: string;
  signatures: readonly string[];
}

function signatureOf(request: EspRequest): Signature {
  const body = isJson(request) ? objectOf(request.json()) : {};
  // In a form, a sender's variables of these names come first.
  const block = isJson(request)
    ? objectOf(body.signature)
    : Object.fromEntries([...request.form()].map(([name, values]) => [name, values.at(-1)]));
  const given = [block.signature, block[PARENT], body[PARENT]].map(textOf);
  return {
    timestamp: textOf(block.timestamp) ?? '',
    token: textOf(block.token) ?? '',
    signatures: given.filter((signature): signature is string => Boolean(signature)),
  };
}

/** Digits only: `1.7e9` is the same number, and another text to sign. */
const TIMESTAMP = /^\d{1,12}$/;

function signedTimeAndToken(keys: readonly string[]): EspAuthentication {
  return {
    verify(request) {
      const { timestamp, token, signatures } = signatureOf(request);
      if (signatures.length === 0) throw missingSignature('signingKey');
      const expected = keys.map((key) => hmac('sha256', key, timestamp + token, 'hex'));
      const isSigned = signatures.some((signature) => isOneOf(signature, expected));
      if (!isSigned || !TIMESTAMP.test(timestamp)) throw wrongSignature('signingKey');
    },
  };
}

/**
 * A signature does not cover the event, so each is good for a time and for one body. It is remembered
 * by the text that is signed, which all its spellings share.
 */
function oncePerBody(maxAgeSeconds: number): EspAuthentication {
  const bodies = new LRUCache<string, string>({ max: 100_000 });
  return {
    verify(request) {
      const { timestamp, token } = signatureOf(request);
      checkWindow(Number(timestamp), request.now, maxAgeSeconds);
      // Of a form, its fields: the boundary between them may differ when it is sent again.
      const content = isJson(request) ? request.body : JSON.stringify([...request.form()]);
      const hash = createHash('sha256').update(content).digest('base64');
      const known = bodies.get(timestamp + token);
      if (known === undefined) bodies.set(timestamp + token, hash);
      else if (known !== hash) {
        throw wrong('The signature was used for another event (signatureMaxAgeSeconds).');
      }
    },
  };
}
