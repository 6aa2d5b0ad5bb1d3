import type { EspEvent, EspProvider } from '../esp-provider.js';
import { inboundPayload } from '../esp-refusal.js';
import { jsonField } from '../json-field.js';
import { fromUnixMilliseconds, isObject, listOf, lookUp, requireObject } from '../values.js';

/** What Brevo takes beside the options of every provider: nothing. It does not sign. */
export type BrevoOptions = object;

type Meaning = Pick<EspEvent, 'eventType' | 'rejectReason' | 'permanent' | 'verdict'>;

/** Brevo knows the proxy; whether somebody reads behind it, nobody does. */
const PROXY_OPEN: Meaning = {
  eventType: 'opened',
  verdict: { kind: 'privacy-proxy', certainty: 'probable', reason: 'BREVO_PROXY_OPEN' },
};

/**
 * `event`, with Brevo's words for it.
 * https://developers.brevo.com/docs/transactional-webhooks (2026-11)
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
  // The recipient called it spam.
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
  // The first loading by a privacy proxy, such as Apple's.
  unique_proxy_open: PROXY_OPEN,
  // A loading by a privacy proxy.
  proxy_open: PROXY_OPEN,
  // A link was followed.
  click: { eventType: 'clicked' },
  // The link to unsubscribe was followed.
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
      // `ts`, `ts_event` and `date` are in the time zone of the account.
      timestamp: fromUnixMilliseconds(event.ts_epoch),
      messageId: event['message-id'],
      recipient: event.email,
      metadata: jsonField(event['X-Mailin-custom']),
      tags: 'tags' in event ? event.tags : event.tag,
      mtaResponse: event.reason,
      userAgent: event.user_agent,
      clickUrl: event.link,
    };
  },
};
