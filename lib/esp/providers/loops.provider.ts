import { signedByStandardWebhooks, signedHeader } from '../auth/standard-webhooks.js';
import type { EspProvider, EspSecret } from '../esp-provider.js';
import { meaningOf, type Meaning } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { objectOf } from '../values.js';

/** What Loops takes beside the options of every provider. */
export interface LoopsOptions {
  /** The signing secret of the webhook: `whsec_…`. A list rotates. */
  signingSecret?: EspSecret;
  /**
   * How far the time of signing may be from now, in seconds, either way; `false`: as far as it likes.
   *
   * @default 300
   */
  signatureMaxAgeSeconds?: number | false;
}

/**
 * `eventName`, with Loops' words for it. https://loops.so/docs/webhooks (2026-11). Compared with
 * Botpress (integrations/loops/src/loops.webhook.ts).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  'campaign.email.sent': 'sent', // One for each recipient of a campaign.
  'loop.email.sent': 'sent', // One for each contact in a workflow, which was called a loop.
  'transactional.email.sent': 'sent',
  'email.delivered': 'delivered',
  'email.softBounced': ['deferred', null, false], // Not delivered for now; Loops tries again.
  'email.hardBounced': ['bounced', 'bounced', true], // Refused for good: no such mailbox.
  'email.opened': 'opened', // Not of transactional mail.
  'email.clicked': 'clicked', // Not of transactional mail.
  'email.unsubscribed': ['unsubscribed', 'unsubscribed'], // From all mail, or from a mailing list.
  'email.resubscribed': 'subscribed', // In the preference centre.
  'email.spamReported': ['complained', 'spam'], // The recipient called it spam.
};

/** Loops posts one event at a time, signed by Standard Webhooks. */
export const loops: EspProvider<LoopsOptions> = {
  key: 'loops',
  espName: 'Loops',
  routes: ['loops/tracking'],
  ...signedByStandardWebhooks,

  toEvent(raw, request) {
    const event = objectOf(raw);
    // What the button in the settings of Loops sends.
    if (event.eventName === 'testing.testEvent') return null;
    return {
      ...meaningOf(EVENTS, event.eventName),
      // Stays the same when Loops sends again.
      eventId: signedHeader(request, 'id'),
      timestamp: fromUnixSeconds(event.eventTime),
      messageId: objectOf(event.email).id,
      recipient: objectOf(event.contactIdentity).email,
    };
  },
};
