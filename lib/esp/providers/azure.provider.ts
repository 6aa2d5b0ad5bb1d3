import { sharedSecret } from '../auth/shared-secret.js';
import type { EspAnswer, EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { unreadable } from '../esp-refusal.js';
import type { EspRequest } from '../esp-request.js';
import { meaningOf, type Meaning } from '../meanings.js';
import { fromIso } from '../times.js';
import { firstOf, objectOf, oneOrMore, requireObject, textOf, type RawObject } from '../values.js';

/** What Azure Communication Services takes beside the options of every provider. */
export interface AzureOptions {
  /**
   * The secret that Event Grid sends, as the delivery property `X-Webhook-Secret` or as `?code=` of
   * the endpoint. A list rotates.
   */
  secret?: EspSecret;
}

const DELIVERY = 'Microsoft.Communication.EmailDeliveryReportReceived';
const ENGAGEMENT = 'Microsoft.Communication.EmailEngagementTrackingReportReceived';
const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent';

/**
 * `data.status`, in lower case, with Azure's words for it.
 * https://learn.microsoft.com/azure/event-grid/communication-services-email-events (2026-11).
 * Compared with listmonk (internal/bounce/webhooks/azure.go).
 */
const STATUSES: Readonly<Record<string, Meaning>> = {
  delivered: 'delivered', // Handed over to the recipient's server.
  expanded: 'sent', // A distribution group was replaced by its members.
  bounced: ['bounced', 'bounced', true], // A hard bounce: no such address or domain.
  suppressed: ['rejected', 'blocked'], // Not sent: the address bounced before.
  quarantined: ['rejected', 'spam'], // Held as spam, bulk mail or phishing.
  filteredspam: ['rejected', 'spam'], // Refused as spam.
  failed: 'failed', // Not delivered.
};

/** `data.engagementType`, in lower case. Azure writes both `view` and `View`. */
const ENGAGEMENTS: Readonly<Record<string, Meaning>> = { view: 'opened', click: 'clicked' };

/** An enhanced status code of RFC 3463 that is not a part of an IP address. */
const FAILURE = /(?<![\d.])([45])\.\d{1,3}\.\d{1,3}(?!\.?\d)/;

/**
 * Azure posts through Event Grid: a list of events, which usually is one, or an event of CloudEvents.
 * https://learn.microsoft.com/azure/event-grid/cloud-event-schema (2026-11)
 */
export const azure: EspProvider<AzureOptions> = {
  key: 'azure',
  espName: 'Azure',
  routes: ['azure/tracking'],
  options: { secret: { type: 'secret' } },

  authenticate: ({ secret: secrets }) => [
    secrets &&
      sharedSecret({ secrets, setting: 'secret', header: 'X-Webhook-Secret', query: 'code' }),
  ],

  urlCheck: (request) => (request.method === 'OPTIONS' ? allowOrigin(request) : validate(request)),

  parse: (request) => oneOrMore(request.json()),

  toEvent(raw) {
    const event = requireObject(raw);
    const data = objectOf(event.data);
    return {
      ...classify(event, data),
      eventId: event.id,
      timestamp: fromIso(
        firstOf(
          data.deliveryAttemptTimeStamp,
          data.deliveryAttemptTimestamp, // As the SDKs have it.
          data.userActionTimeStamp,
          data.userActionTimestamp,
          event.eventTime,
          event.time,
        ),
      ),
      messageId: data.messageId,
      recipient: data.recipient,
      description: objectOf(data.deliveryStatusDetails).statusMessage,
      userAgent: data.userAgent,
    };
  },
};

function classify(event: RawObject, data: RawObject): EspEvent {
  const type = typeOf(event);
  if (type === ENGAGEMENT) {
    const meaning = meaningOf(ENGAGEMENTS, lowerCase(data.engagementType));
    const clickUrl = meaning.eventType === 'clicked' ? data.engagementContext : null;
    return { ...meaning, name: data.engagementType, clickUrl };
  }
  if (type !== DELIVERY) return { eventType: 'unknown', name: type };
  const meaning = meaningOf(STATUSES, lowerCase(data.status));
  const isBounce = meaning.eventType === 'failed' ? bounceOf(data) : undefined;
  return { ...meaning, ...isBounce, name: data.status };
}

/** `Failed` has no reason of its own; where the server answered, its status code is in the message. */
function bounceOf({ deliveryStatusDetails }: RawObject): EspEvent | undefined {
  const { statusMessage } = objectOf(deliveryStatusDetails);
  const code = FAILURE.exec(textOf(statusMessage) ?? '')?.[1];
  return code
    ? { eventType: 'bounced', rejectReason: 'bounced', permanent: code === '5' }
    : undefined;
}

/** The schema of Event Grid, or of CloudEvents. */
function typeOf(event: RawObject): string | null {
  return textOf(firstOf(event.eventType, event.type));
}

function lowerCase(value: unknown): string | undefined {
  return textOf(value)?.toLowerCase();
}

/**
 * The handshake of the schema of Event Grid.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema (2026-11)
 */
function validate(request: EspRequest): EspAnswer | undefined {
  const check = oneOrMore(request.json())
    .map(objectOf)
    .find((event) => typeOf(event) === VALIDATION);
  if (!check) return undefined;
  const validationResponse = textOf(objectOf(check.data).validationCode);
  if (!validationResponse) throw unreadable('The validation event has no validationCode.');
  return {
    status: 200,
    body: JSON.stringify({ validationResponse }),
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
  };
}

/**
 * The handshake of CloudEvents.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md#4-abuse-protection (2026-11)
 */
function allowOrigin(request: EspRequest): EspAnswer | undefined {
  const origin = request.header('WebHook-Request-Origin');
  if (!origin || !/^[\w.*:-]{1,253}$/.test(origin)) return undefined;
  return {
    status: 200,
    headers: {
      Allow: 'POST, HEAD, OPTIONS',
      'WebHook-Allowed-Origin': origin,
      'WebHook-Allowed-Rate': '*',
    },
  };
}
