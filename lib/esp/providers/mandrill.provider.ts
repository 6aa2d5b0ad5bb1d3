import { createHmac } from 'node:crypto';
import { readBasic } from '../auth/basic-auth.js';
import { isOneOf, several } from '../auth/constant-time.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { inboundPayload, missing, unreadable, wrong } from '../esp-refusal.js';
import type { EspRequest } from '../esp-request.js';
import { last } from '../form.js';
import { parseJson } from '../parse-json.js';
import {
  firstOf,
  fromUnixSeconds,
  listOf,
  lookUp,
  objectOf,
  requireObject,
  type RawObject,
} from '../values.js';

/** What Mandrill takes beside the options of every provider. */
export interface MandrillOptions {
  /** The key of the webhook, as Mandrill shows it. A list rotates. */
  webhookKey?: EspSecret;
}

const SIGNATURE = 'X-Mandrill-Signature';

/**
 * What Mandrill signs with when it tries a URL, before the webhook and its key are there. It is
 * printed in its documentation and proves nothing.
 */
const TEST_KEY = 'test-webhook';

/** No batch that is empty is longer than this, in bytes. */
const EMPTY_BATCH = 1000;

type Meaning = Pick<EspEvent, 'eventType' | 'permanent'>;

/**
 * `event`, or `type` of a change of a list, with Mandrill's words for it.
 * https://mailchimp.com/developer/transactional/docs/webhooks/ (2026-11). Compared with django-anymail
 * (anymail/webhooks/mandrill.py) and Symfony (MailchimpPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  // Sent to the receiving server.
  send: { eventType: 'sent' },
  // Taken by the receiving server.
  delivered: { eventType: 'delivered' },
  // Refused for now: Mandrill tries again.
  deferral: { eventType: 'deferred' },
  // Refused for good.
  hard_bounce: { eventType: 'bounced', permanent: true },
  // Refused, but perhaps not the next time.
  soft_bounce: { eventType: 'bounced', permanent: false },
  // Opened.
  open: { eventType: 'opened' },
  // A link was followed.
  click: { eventType: 'clicked' },
  // The recipient called it spam.
  spam: { eventType: 'complained' },
  // The recipient unsubscribed.
  unsub: { eventType: 'unsubscribed' },
  // Not sent: the recipient bounced, complained or unsubscribed before.
  reject: { eventType: 'rejected' },
};

/** Mandrill posts a form with a list of events in one field, and signs its URL, too. */
export const mandrill: EspProvider<MandrillOptions> = {
  key: 'mandrill',
  espName: 'Mandrill',
  routes: ['mandrill', 'mandrill/tracking'],
  // Up to 1 000 events a request. Its JSON is in a form, and is parsed behind the proof.
  limits: { bytes: 4 * 1024 * 1024, members: Infinity, unpacked: 64 * 1024 },
  options: { webhookKey: { type: 'secret' } },

  authenticate({ webhookKey }, context) {
    if (webhookKey === undefined) return [];
    const { publicUrl } = context;
    if (publicUrl === undefined) {
      context.warn(
        'Mandrill signs the URL that was entered there: set publicUrl, because behind a proxy a ' +
          'request does not tell it.',
      );
    }
    const keys = several(webhookKey);
    return [
      {
        verify(request) {
          const signature = request.header(SIGNATURE);
          if (!signature) {
            throw missing(
              `The header ${SIGNATURE} is missing: only Mandrill sends it (webhookKey).`,
            );
          }
          if (!isSignedByMandrill(request, signature, keys, publicUrl)) {
            throw wrong(
              'The signature is wrong: compare webhookKey with the key at Mandrill, and publicUrl ' +
                'with the URL that was entered there.',
            );
          }
        },
      },
    ];
  },

  // Mandrill tries a URL by HEAD and, if that fails, by an empty batch; the key comes after that.
  handshake(request, _options, { publicUrl }) {
    const signature = request.header(SIGNATURE);
    if (!signature || request.body.length > EMPTY_BATCH) return undefined;
    if (last(request.form(), 'mandrill_events')?.trim() !== '[]') return undefined;
    return isSignedByMandrill(request, signature, [TEST_KEY], publicUrl)
      ? { status: 200 }
      : undefined;
  },

  parse(request) {
    const field = last(request.form(), 'mandrill_events');
    if (field === undefined) throw unreadable('The field mandrill_events is missing.');
    const events = parseJson(field);
    if (!Array.isArray(events)) throw unreadable('mandrill_events is not a list.');
    if (events.length > 0 && events.every(isInbound)) throw inbound();
    return listOf(events);
  },

  toEvent(raw) {
    const event = requireObject(raw);
    if (isInbound(event)) throw inbound();
    const message = objectOf(event.msg);
    // Only in a change of the allow list or deny list.
    const reject = objectOf(event.reject);
    const meaning = lookUp(EVENTS, typeOf(event)) ?? { eventType: 'unknown' };
    const isHit = meaning.eventType === 'opened' || meaning.eventType === 'clicked';
    return {
      ...meaning,
      name: typeOf(event),
      timestamp: fromUnixSeconds(event.ts),
      messageId: firstOf(event._id, message._id),
      recipient: firstOf(message.email, reject.email),
      metadata: message.metadata,
      tags: message.tags,
      description: firstOf(
        reject.detail,
        reject.reason,
        // An event after a bounce still carries it.
        isRefusal(meaning.eventType) ? message.bounce_description : null,
      ),
      mtaResponse: message.diag,
      userAgent: event.user_agent,
      userIp: isHit ? event.ip : null,
      clickUrl: event.url,
    };
  },
};

function typeOf(event: RawObject): unknown {
  return 'event' in event ? event.event : event.type;
}

function isRefusal(eventType: EspEvent['eventType']): boolean {
  return ['bounced', 'deferred', 'rejected'].includes(eventType);
}

function isInbound(raw: unknown): boolean {
  return typeOf(objectOf(raw)) === 'inbound';
}

function inbound(): Error {
  return inboundPayload(
    'Mandrill',
    'At Mandrill, give this URL to a webhook, not to a route for inbound mail.',
  );
}

/**
 * Returns true if Mandrill signed a request: HMAC-SHA1 over the URL as it was entered there, and
 * the fields of the form, sorted by name.
 * https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests
 * (2026-11)
 *
 * @param publicUrl where Mandrill reaches the app: its origin, with a path in front of ours if there
 * is one, or the whole URL
 */
function isSignedByMandrill(
  request: EspRequest,
  signature: string,
  keys: readonly string[],
  publicUrl: string | undefined,
): boolean {
  const form = request.form();
  const names = [...form.keys()].sort();
  // In bytes, because it is hashed for each possible URL and key.
  const fields = Buffer.from(names.map((name) => name + (last(form, name) ?? '')).join(''));
  const expected = possibleUrls(request, publicUrl).flatMap((url) =>
    keys.map((key) => createHmac('sha1', key).update(url).update(fields).digest('base64')),
  );
  return isOneOf(signature, expected);
}

/** The URL may have been entered with or without the last slash, and with credentials in it. */
function possibleUrls(request: EspRequest, publicUrl: string | undefined): string[] {
  const urls = withAndWithoutSlash(
    publicUrl === undefined ? request.seenUrl : publicUrl + request.url,
  );
  // With a path, it may be the whole URL.
  if (publicUrl !== undefined && !/^https?:\/\/[^/]+$/.test(publicUrl)) {
    urls.push(publicUrl, `${publicUrl}/`);
  }
  const credentials = readBasic(request.headers.authorization ?? '');
  if (credentials === undefined) return urls;
  const spellings = new Set([credentials, encodeCredentials(credentials)]);
  const named = [...spellings].flatMap((spelling) =>
    urls.map((url) => url.replace('://', () => `://${spelling}@`)),
  );
  return [...named, ...urls];
}

function withAndWithoutSlash(url: string): string[] {
  const [, path, query] = /^([^?]*?)\/?(\?.*)?$/s.exec(url)!;
  return [`${path}${query ?? ''}`, `${path}/${query ?? ''}`];
}

function encodeCredentials(credentials: string): string {
  return credentials.split(':').map(encodeURIComponent).join(':');
}
