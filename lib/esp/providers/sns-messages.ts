import type { EspFetch } from '../esp-provider.js';
import { EspRefusal, unreadable } from '../esp-refusal.js';
import { textOf, type RawObject } from '../values.js';

/** Amazon SNS, or a service that posts as it does. */
export interface SnsService {
  /** Its name, for error messages. */
  name: string;
  /** Returns the host of a topic's region; nothing if it is not the ARN of one of its topics. */
  hostOf: (topicArn: string) => string | undefined;
}

/**
 * Reads the content of a notification. A confirmation has none.
 *
 * @throws TrackingError `ESP_PAYLOAD`
 */
export function contentOf({ Message: content }: RawObject, { name }: SnsService): string {
  if (typeof content !== 'string') throw unreadable(`The message of ${name} has no content.`);
  return content;
}

/**
 * Confirms a subscription by asking the service itself, in the region of the topic; the URL in the
 * message is not looked at.
 * https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html (2026-11)
 *
 * @throws TrackingError `ESP_PAYLOAD`
 */
export async function confirmSubscription(
  envelope: RawObject,
  { name, hostOf }: SnsService,
  fetch: EspFetch,
): Promise<void> {
  const topicArn = textOf(envelope.TopicArn) ?? '';
  const host = hostOf(topicArn);
  const token = textOf(envelope.Token);
  if (host === undefined || !token) throw unreadable('The subscription has no topic or no token.');
  const url = new URL(`https://${host}/`);
  url.searchParams.set('Action', 'ConfirmSubscription');
  url.searchParams.set('TopicArn', topicArn);
  url.searchParams.set('Token', token);
  const answer = await fetch(url).catch(() => undefined);
  if (answer?.status === 200) return;
  throw new EspRefusal(
    503,
    'ESP_PAYLOAD',
    `${name} rejected the confirmation of the subscription: confirm it in the console of ${name}, ` +
      'or request a new confirmation.',
  );
}
