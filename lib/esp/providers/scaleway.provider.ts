import { sharedSecret } from '../auth/shared-secret.js';
import { labelsOf } from '../esp-event.js';
import type { EspProvider, EspSecret } from '../esp-provider.js';
import { unreadable, wrong } from '../esp-refusal.js';
import { meaningOf, type Meaning } from '../meanings.js';
import { parseJson } from '../parse-json.js';
import { fromIso } from '../times.js';
import { listOf, objectOf, requireObject, textOf, type RawObject } from '../values.js';
import { headerLabels } from './amazon-ses-events.js';
import { confirmSubscription, contentOf, type SnsService } from './sns-messages.js';

/** What Scaleway Transactional Email takes beside the options of every provider. */
export interface ScalewayOptions {
  /** The secret that stands in the URL of the subscription as `?code=`. A list rotates. */
  secret?: EspSecret;
  /**
   * Whether a subscription is confirmed, once its request has proved itself.
   *
   * @default true
   */
  autoConfirm?: boolean;
}

/**
 * `type`, with Scaleway's words for it.
 * https://www.scaleway.com/en/docs/transactional-email/reference-content/webhook-events-payloads/
 * (2026-11)
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  email_queued: 'queued', // Received, and prepared to be sent.
  email_delivered: 'delivered', // Accepted by the recipient's server.
  email_deferred: ['deferred', null, false], // Refused for now; Scaleway tries again.
  email_dropped: ['bounced', 'bounced', true], // Refused for good by the recipient's server.
  email_mailbox_not_found: ['bounced', 'invalid', true], // The same: there is no such address.
  email_spam: ['rejected', 'spam'], // Called spam by Scaleway or by the recipient's server.
  email_blocklisted: ['rejected', 'blocked'], // Not sent: the recipient is on a block list.
  blocklist_created: ['rejected', 'blocked'], // The recipient was put on a block list. Of no mail.
};

const TOPICS: SnsService = { name: 'Scaleway Topics and Events', hostOf: topicHost };

/**
 * Scaleway posts through Topics and Events, which speaks as Amazon SNS does: one event at a time.
 * https://www.scaleway.com/en/docs/topics-and-events/how-to/create-manage-subscriptions/ (2026-11)
 */
export const scaleway: EspProvider<ScalewayOptions> = {
  key: 'scaleway',
  espName: 'Scaleway',
  routes: ['scaleway/tracking'],
  options: { secret: { type: 'secret' }, autoConfirm: { type: 'boolean' } },

  authenticate: ({ secret: secrets }) => [
    secrets && sharedSecret({ secrets, setting: 'secret', query: 'code' }),
  ],

  async parse(request, { secret, autoConfirm }, { basicAuth, fetch }) {
    const envelope = requireObject(request.json());
    switch (envelope.Type) {
      case 'Notification':
        return [requireObject(parseJson(contentOf(envelope, TOPICS)))];
      case 'SubscriptionConfirmation':
        if (autoConfirm === false) return [];
        if (secret === undefined && basicAuth.length === 0) {
          throw wrong('A subscription is only confirmed with secret or basicAuth.');
        }
        await confirmSubscription(envelope, TOPICS, fetch);
        return [];
      case 'UnsubscribeConfirmation':
        return [];
    }
    throw unreadable(`This message type of ${TOPICS.name} is unknown.`);
  },

  toEvent(raw) {
    const event = objectOf(raw);
    // Scaleway's lists have the name of a header under `key`.
    const headers = listOf(event.email_headers).map(objectOf);
    return {
      ...meaningOf(EVENTS, event.type),
      eventId: event.id,
      timestamp: fromIso(event.created_at),
      messageId: event.email_id,
      recipient: event.email_to,
      ...labelsOf([], headerLabels(headers.map(({ key, value }) => ({ name: key, value })))),
      description: event.blocklist_reason,
      mtaResponse: responseOf(event),
    };
  },
};

/** The code stands in front of the message, as servers write it. */
function responseOf({ email_response_code: code, email_response_message: message }: RawObject) {
  const texts = [code, message].map(textOf);
  return texts[1]?.startsWith(texts[0] ?? '') ? texts[1] : texts.filter(Boolean).join(' ') || null;
}

/** `arn:scw:sns:<region>:project-<id>:<name>` */
function topicHost(topicArn: string): string | undefined {
  const region = /^arn:scw:sns:([a-z]{2}-[a-z]{3}):[\w-]{1,64}:[\w.-]{1,256}$/.exec(topicArn)?.[1];
  return region && `sns.mnq.${region}.scaleway.com`;
}
