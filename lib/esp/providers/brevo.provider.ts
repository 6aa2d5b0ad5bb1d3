import type { EspEvent, EspProvider } from '../esp-provider.js';
import { inboundPayload } from '../esp-refusal.js';
import { jsonField } from '../parse-json.js';
import {
  firstOf,
  fromUnixMilliseconds,
  isObject,
  listOf,
  lookUp,
  requireObject,
  setOwn,
} from '../values.js';

/** What Brevo takes beside the options of every provider: nothing. It does not sign. */
export type BrevoOptions = object;

type Meaning = Pick<EspEvent, 'eventType' | 'rejectReason' | 'permanent' | 'verdict'>;

/** A privacy proxy loaded the mail. Whether a person reads it is unknown. */
const PROXY_OPEN: Meaning = {
  eventType: 'opened',
  verdict: { kind: 'privacy-proxy', certainty: 'probable', reason: 'BREVO_PROXY_OPEN' },
};

/**
 * `event`, with Brevo's words for it.
 * https://developers.brevo.com/docs/transactional-webhooks and
 * https://developers.brevo.com/docs/marketing-webhooks (2026-11). Compared with django-anymail
 * (anymail/webhooks/brevo.py) and Symfony (BrevoPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  // Accepted by Brevo. May come late, and for mail that is never sent.
  request: { eventType: 'queued' },
  // Handed to the receiving server.
  delivered: { eventType: 'delivered' },
  // Refused for good.
  hard_bounce: { eventType: 'bounced', rejectReason: 'bounced', permanent: true },
  // Refused for now: a full mailbox, a server that is down.
  soft_bounce: { eventType: 'bounced', rejectReason: 'bounced', permanent: false },
  // Not sent: the recipient is on a block list of the account.
  blocked: { eventType: 'rejected', rejectReason: 'blocked' },
  // The recipient called it spam: `spam` by the documentation and Anymail, `complaint` by Symfony.
  spam: { eventType: 'complained', rejectReason: 'spam' },
  complaint: { eventType: 'complained', rejectReason: 'spam' },
  // The address is not one.
  invalid_email: { eventType: 'bounced', rejectReason: 'invalid', permanent: true },
  // The server tries again.
  deferred: { eventType: 'deferred' },
  // The first opening. In practice either this or the plain one comes.
  unique_opened: { eventType: 'opened' },
  // An opening.
  opened: { eventType: 'opened' },
  // The first loading by a privacy proxy, such as Apple's. Anymail's guide has the second spelling.
  unique_proxy_open: PROXY_OPEN,
  unique_proxy_opened: PROXY_OPEN,
  // A loading by a privacy proxy.
  proxy_open: PROXY_OPEN,
  // A link was followed.
  click: { eventType: 'clicked' },
  // The recipient unsubscribed: `unsubscribed` from transactional mail (documentation, Symfony),
  // `unsubscribe` from campaigns (documentation, Anymail).
  unsubscribed: { eventType: 'unsubscribed' },
  unsubscribe: { eventType: 'unsubscribed' },
  // Brevo could not make or send the mail.
  error: { eventType: 'failed' },
  // The contact was put on a list.
  list_addition: { eventType: 'subscribed' },
};

/** Brevo posts one event at a time, or a list of them if the webhook is set to batches. */
export const brevo: EspProvider<BrevoOptions> = {
  key: 'brevo',
  espName: 'Brevo',
  // The second is what the first was called when Brevo was Sendinblue.
  routes: ['brevo/tracking', 'sendinblue/tracking'],
  options: {},

  parse(request) {
    const body = request.json();
    if (Array.isArray(body)) return listOf(body);
    if (isObject(body) && 'items' in body) {
      throw inboundPayload(
        'Brevo',
        'At Brevo, give this URL to a webhook for transactional email, not to inbound parsing.',
      );
    }
    return [requireObject(body)];
  },

  toEvent(raw) {
    const event = requireObject(raw);
    return {
      ...(lookUp(EVENTS, event.event) ?? { eventType: 'unknown' }),
      name: event.event,
      // `ts` and `date` are in the time zone of the account.
      timestamp: fromUnixMilliseconds(firstOf(event.ts_epoch, event.ts_event)),
      messageId: event['message-id'],
      recipient: event.email,
      metadata: customHeader(event['X-Mailin-custom']),
      tags: 'tags' in event ? event.tags : tagsOf(event.tag),
      mtaResponse: event.reason,
      userAgent: event.user_agent,
      clickUrl: firstOf(event.link, event.URL),
    };
  },
};

/** Brevo posts the tags of a campaign as JSON text: `"[\"spring\",\"sale\"]"`. */
function tagsOf(tag: unknown): unknown {
  const list = typeof tag === 'string' && tag.trim().startsWith('[') ? jsonField(tag) : undefined;
  return Array.isArray(list) ? list : tag;
}

const CUSTOM_HEADER = 'X-Mailin-custom';

/** JSON, or Brevo's own form `name:value|name:value`; any other text is kept under the header's name. */
function customHeader(value: unknown): unknown {
  const parsed = jsonField(value);
  if (parsed !== undefined || typeof value !== 'string' || value.trim() === '') return parsed;
  const pairs = value.split('|').map((pair) => /^([^:]+):(.*)$/s.exec(pair));
  if (pairs.includes(null)) return { [CUSTOM_HEADER]: value };
  const found: Record<string, unknown> = {};
  for (const pair of pairs) setOwn(found, pair![1]!.trim(), pair![2]!.trim());
  return found;
}
