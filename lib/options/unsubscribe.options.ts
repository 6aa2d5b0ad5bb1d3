import { WholeNumber } from '../util/checks.js';
import { Contact, MailAddress, SubscriptionLists, Texts } from './unsubscribe-checks.js';

/** A list that people subscribe to: a member of `unsubscribe.lists`. */
export interface SubscriptionList {
  /** Its name, as readers see it. */
  title: string;
  /** What it is, in a sentence. */
  description?: string;
}

/**
 * How readers leave by unsubscribe links: `unsubscribe` of the options.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({
 *   ...options,
 *   baseUnsubscribeUrl: 'https://t.example.com/unsubscribe/',
 *   unsubscribe: {
 *     lists: { news: { title: 'Weekly news' }, offers: { title: 'Offers' } },
 *     contact: 'mailto:help@example.com',
 *   },
 * });
 * ```
 */
export class UnsubscribeOptions {
  /**
   * The lists that people subscribe to, by name. Writing an unsubscribe link for any other name is then
   * an error. A name has 1 to 128 characters. With two or more lists, the page also offers to leave all
   * of them.
   *
   * @default any name is a list, and the page shows the name
   */
  @SubscriptionLists()
  lists?: Record<string, SubscriptionList>;

  /**
   * An address of yours that also takes wishes to leave, for mail programs that do not send requests.
   * It is written behind the https URL of `List-Unsubscribe`, with the token in its subject. Give the
   * subjects of the mails that arrive there to `TrackingService.unsubscribe`.
   *
   * @default none
   */
  @MailAddress()
  mailto?: string;

  /**
   * Where a reader finds a person if the link cannot be read: a `mailto:` or `https:` URL. It is shown
   * on the page.
   *
   * @default none: the page tells the reader to answer the mail, and a warning is logged at start-up
   */
  @Contact()
  contact?: string;

  /**
   * How long a request may wait until the wish to leave is stored, in milliseconds. Then it is answered
   * with 503, so that the mail program tries again.
   *
   * @default 5000
   */
  @WholeNumber(1, 60_000)
  budgetMs?: number = 5000;

  /**
   * Texts of the page that differ from those of this package, by language (`en`, `de`, `fr`, `es`,
   * `it`, or a language of your own, which then needs all of them). The names are those of
   * `UnsubscribeTexts`; `{list}`, `{address}` and `{contact}` are replaced in them.
   *
   * @default none
   */
  @Texts()
  texts?: Record<string, Record<string, string>>;
}
