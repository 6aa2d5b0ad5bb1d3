import type { TrackingRequest } from '../hit/request-data.js';
import { maskAddress } from './mask-address.js';
import { chooseTexts, type UnsubscribeTexts } from './page-texts.js';
import type { UnsubscribeResult } from './unsubscribe-links.js';
import type { UnsubscribeSettings } from './unsubscribe-options.js';

/**
 * What the page behind an unsubscribe link says.
 *
 * @example
 * ```ts
 * class MyUnsubscribes extends UnsubscribeController {
 *   protected override page(state: UnsubscribePageState): string {
 *     return super.page(state).replace('<main', '<p>Example Ltd</p><main');
 *   }
 * }
 * ```
 */
export interface UnsubscribePageState {
  /**
   * `ask`: the reader has opened the link. `done`: the reader has left. `unmeasured`: the reader stays and
   * is not measured. `failed`: the wish was not stored. `unreadable`: the link cannot be read.
   */
  kind: 'ask' | 'done' | 'unmeasured' | 'failed' | 'unreadable';
  /** The language of the texts, as in `lang`. */
  language: string;
  /** The texts. What they hold, and all that follows, is not escaped. */
  texts: UnsubscribeTexts;
  /** The masked address of the reader; `null` if the link was not read. */
  address: string | null;
  /** The list of the link; `null` if the link was not read. */
  list: {
    /** Its name in the link. */
    name: string;
    /** Its title in `unsubscribe.lists`, else its name. */
    title: string;
    /** Its description there. */
    description: string | null;
  } | null;
  /** Whether the reader may leave all lists at once: with two or more `unsubscribe.lists`. */
  offersAll: boolean;
  /** Whether the reader may stay without being measured: where the app has `TrackingPrivacyModule`. */
  offersStay: boolean;
  /** Whether all lists were left, or should have been. */
  isAll: boolean;
  /** Whether the reader stays and does not want to be measured. */
  isStaying: boolean;
  /** `unsubscribe.contact`: a `mailto:` or `https:` URL. */
  contact: string | null;
}

/** Returns the state of the page for a request. */
export function pageState(
  kind: UnsubscribePageState['kind'],
  { lists = {}, contact, texts }: UnsubscribeSettings['unsubscribe'],
  { headers, isAll, isStaying = false }: TrackingRequest & { isAll: boolean; isStaying?: boolean },
  result: Pick<UnsubscribeResult, 'recipient' | 'list'> | null,
  offersStay = false,
): UnsubscribePageState {
  return {
    kind,
    ...chooseTexts(headers['accept-language'], texts),
    address: result && maskAddress(result.recipient),
    list: result && listOf(lists, result.list),
    offersAll: Object.keys(lists).length > 1,
    offersStay,
    isAll,
    isStaying,
    contact: contact ?? null,
  };
}

function listOf(
  lists: NonNullable<UnsubscribeSettings['unsubscribe']['lists']>,
  name: string,
): NonNullable<UnsubscribePageState['list']> {
  // A name is any text, so it may be that of a member of every object.
  const known = Object.hasOwn(lists, name) ? lists[name] : undefined;
  return { name, title: known?.title ?? name, description: known?.description ?? null };
}
