import type { SubscriptionList } from 'nestjs-email-tracking';
import { isLoopback } from './web/addresses.js';
import type { Settings } from './settings.js';

/** What people subscribe to. A receipt is sent to no list, so it has no way to leave one. */
export const LISTS = {
  letter: { title: 'The Roastery Letter', description: 'News from the roastery, once a month.' },
  offers: { title: 'Offers', description: 'A mail when there is something to save.' },
} as const satisfies Record<string, SubscriptionList>;

export type ListName = keyof typeof LISTS;
export const LIST_NAMES = Object.keys(LISTS) as ListName[];

/** The name of a list, as readers see it. */
export const titleOf = (list: string): string =>
  Object.hasOwn(LISTS, list) ? LISTS[list as ListName].title : list;

/** Where unsubscribe links begin; null where mail programs would not use them: they know https only. */
export function unsubscribeUrlOf({ publicUrl }: Pick<Settings, 'publicUrl'>): string | null {
  const { protocol, hostname } = new URL(publicUrl);
  const isUsable = protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
  return isUsable ? `${publicUrl}/unsubscribe/` : null;
}
