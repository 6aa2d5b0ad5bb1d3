import { createHmac } from 'node:crypto';
import { readBasic } from '../auth/basic-auth.js';
import { isOneOf, several } from '../auth/checks.js';
import type { EspProvider, EspSecret } from '../esp-provider.js';
import { missing, unreadable, wrong } from '../esp-refusal.js';
import type { EspRequest } from '../esp-request.js';
import { last } from '../../util/form.js';
import { parseJson } from '../parse-json.js';
import { isHit, meaningOf, type Meaning } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { firstOf, objectOf, requireList, requireObject, type RawObject } from '../values.js';

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

/**
 * `event`, or `type` of a change of a list, with Mandrill's words for it.
 * https://mailchimp.com/developer/transactional/docs/webhooks/ (2026-11). Compared with django-anymail
 * (anymail/webhooks/mandrill.py) and Symfony (MailchimpPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  send: 'sent', // Sent to the receiving server.
  delivered: 'delivered', // Taken by the receiving server.
  deferral: 'deferred', // Refused for now: Mandrill tries again.
  hard_bounce: ['bounced', null, true], // Refused for good.
  soft_bounce: ['bounced', null, false], // Refused, but perhaps not the next time.
  open: 'opened',
  click: 'clicked', // A link was followed.
  spam: 'complained', // The recipient called it spam.
  unsub: 'unsubscribed',
  reject: 'rejected', // Not sent: the recipient bounced, complained or unsubscribed before.
};

/** Mandrill posts a form with a list of events in one field, and signs its URL, too. */
export const mandrill: EspProvider<MandrillOptions> = {
  key: 'mandrill',
  espName: 'Mandrill',
  routes: ['mandrill', 'mandrill/tracking'],
  // Up to 1 000 events a request. Its JSON is in a form, and is parsed behind the proof. The proof
  // hashes the form for each possible URL and key, so that a forged one must not unpack to much.
  limits: { bytes: 4 * 1024 * 1024, members: Infinity, unpacked: 16 * 1024 },
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

  inbound: {
    is: (raw) => typeOf(objectOf(raw)) === 'inbound',
    advice: 'At Mandrill, give this URL to a webhook, not to a route for inbound mail.',
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
    return requireList(parseJson(field), 'mandrill_events');
  },

  toEvent(raw) {
    const event = requireObject(raw);
    const message = objectOf(event.msg);
    // Only in a change of the allow list or deny list.
    const reject = objectOf(event.reject);
    const meaning = meaningOf(EVENTS, typeOf(event));
    // A later event of a mail that bounced still has the bounce.
    const isRefusal = ['bounced', 'deferred', 'rejected'].includes(meaning.eventType);
    return {
      ...meaning,
      timestamp: fromUnixSeconds(event.ts),
      messageId: firstOf(event._id, message._id),
      recipient: firstOf(message.email, reject.email),
      metadata: message.metadata,
      tags: message.tags,
      description: firstOf(
        reject.detail,
        reject.reason,
        isRefusal ? message.bounce_description : null,
      ),
      mtaResponse: message.diag,
      userAgent: event.user_agent,
      userIp: isHit(meaning.eventType) ? event.ip : null,
      clickUrl: event.url,
    };
  },
};

function typeOf(event: RawObject): unknown {
  return 'event' in event ? event.event : event.type;
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
  const url = publicUrl === undefined ? request.seenUrl : publicUrl + request.url;
  const [, path, query = ''] = /^([^?]*?)\/?(\?.*)?$/s.exec(url)!;
  const urls = [`${path}${query}`, `${path}/${query}`];
  // With a path, it may be the whole URL.
  if (publicUrl !== undefined && !/^https?:\/\/[^/]+$/.test(publicUrl)) {
    urls.push(publicUrl, `${publicUrl}/`);
  }
  const credentials = readBasic(request.headers.authorization ?? '');
  if (credentials === undefined) return urls;
  const encoded = credentials.split(':').map(encodeURIComponent).join(':');
  const named = [...new Set([credentials, encoded])].flatMap((spelling) =>
    urls.map((one) => one.replace('://', () => `://${spelling}@`)),
  );
  return [...named, ...urls];
}
