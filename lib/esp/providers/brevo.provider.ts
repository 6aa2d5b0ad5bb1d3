import type { EspProvider, EspVerdict } from '../esp-provider.js';
import { jsonField } from '../parse-json.js';
import { meaningOf, type Meaning } from '../meanings.js';
import { fromUnixMilliseconds } from '../times.js';
import { firstOf, objectOf, oneOrMore, requireObject, setOwn, textOf } from '../values.js';

/** What Brevo takes beside the options of every provider: nothing. It does not sign. */
export type BrevoOptions = object;

const CUSTOM_HEADER = 'X-Mailin-custom';

/**
 * `event`, with Brevo's words for it.
 * https://developers.brevo.com/docs/transactional-webhooks and
 * https://developers.brevo.com/docs/marketing-webhooks (2026-11). Compared with django-anymail
 * (anymail/webhooks/brevo.py) and Symfony (BrevoPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  request: 'queued', // Accepted by Brevo. May come late, and for mail that is never sent.
  delivered: 'delivered', // Handed to the receiving server.
  hard_bounce: ['bounced', 'bounced', true], // Refused for good.
  soft_bounce: ['bounced', 'bounced', false], // Refused for now: a full mailbox, a server that is down.
  blocked: ['rejected', 'blocked'], // Not sent: the recipient is on a block list of the account.
  spam: ['complained', 'spam'], // The recipient called it spam (documentation, Anymail).
  complaint: ['complained', 'spam'], // The same by Symfony.
  invalid_email: ['bounced', 'invalid', true], // The address is not one.
  deferred: 'deferred', // The server tries again.
  unique_opened: 'opened', // The first opening. In practice either this or the plain one comes.
  opened: 'opened',
  unique_proxy_open: 'opened', // The first loading by a privacy proxy, such as Apple's.
  unique_proxy_opened: 'opened', // The same in Anymail's guide.
  proxy_open: 'opened', // A loading by a privacy proxy.
  click: 'clicked', // A link was followed.
  unsubscribed: 'unsubscribed', // From transactional mail (documentation, Symfony).
  unsubscribe: 'unsubscribed', // From campaigns (documentation, Anymail).
  error: 'failed', // Brevo could not make or send the mail.
  list_addition: 'subscribed', // The contact was put on a list.
};

/** A privacy proxy loaded the mail. Whether a person reads it is unknown. */
const PROXY_OPEN: EspVerdict = {
  kind: 'privacy-proxy',
  certainty: 'probable',
  reason: 'BREVO_PROXY_OPEN',
};

/** Brevo posts one event at a time, or a list of them if the webhook is set to batches. */
export const brevo: EspProvider<BrevoOptions> = {
  key: 'brevo',
  espName: 'Brevo',
  // The second is what the first was called when Brevo was Sendinblue.
  routes: ['brevo/tracking', 'sendinblue/tracking'],
  options: {},

  inbound: {
    is: (raw) => 'items' in objectOf(raw),
    advice: 'At Brevo, give this URL to a webhook for transactional email, not to inbound parsing.',
  },

  parse: (request) => oneOrMore(request.json()),

  toEvent(raw) {
    const event = requireObject(raw);
    const meaning = meaningOf(EVENTS, event.event);
    return {
      ...meaning,
      // `ts` and `date` are in the time zone of the account.
      timestamp: fromUnixMilliseconds(firstOf(event.ts_epoch, event.ts_event)),
      messageId: event['message-id'],
      recipient: event.email,
      metadata: customHeader(event[CUSTOM_HEADER]),
      tags: 'tags' in event ? event.tags : tagsOf(event.tag),
      mtaResponse: event.reason,
      userAgent: event.user_agent,
      clickUrl: firstOf(event.link, event.URL),
      verdict:
        meaning.eventType === 'opened' && textOf(event.event)?.includes('proxy')
          ? PROXY_OPEN
          : null,
    };
  },
};

/** Brevo posts the tags of a campaign as JSON text: `"[\"spring\",\"sale\"]"`. */
function tagsOf(tag: unknown): unknown {
  const list = typeof tag === 'string' && tag.trim().startsWith('[') ? jsonField(tag) : undefined;
  return Array.isArray(list) ? list : tag;
}

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
