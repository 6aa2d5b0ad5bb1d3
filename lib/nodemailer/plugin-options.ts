import type { AdaptOptions, Tracker, TrackingOverrides, TrackingService } from '../index.js';
import type { TrackingOutcome } from './tracking-outcome.js';

/**
 * The tracking options of one mail. They are those of {@link AdaptOptions}, with these differences:
 * the default of `messageId` is the mail's `Message-ID`; the default of `recipient` is the address
 * of a mail with a single recipient (unless others can read the links); the mail's own
 * `List-Unsubscribe` is added to `listUnsubscribe`; `unsubscribe` puts the headers on the mail, if it
 * has one recipient and no `List-Unsubscribe` of its own; and `privacy` can only narrow what the
 * consent of all recipients allows.
 *
 * @example
 * ```ts
 * const options: TrackedOptions = { metadata: { order: 42 }, tags: ['receipt'], openTracking: false };
 * ```
 */
export interface TrackedOptions extends Omit<AdaptOptions, 'unsubscribe'> {
  /**
   * The list that the mail is sent to. `false` sends a mail to no list, such as a receipt, where the
   * options of the plugin name one.
   * @default none
   */
  unsubscribe?: AdaptOptions['unsubscribe'] | false;
  /**
   * Options of the module that differ for this mail, for example the key of a tenant.
   * @default none
   */
  overrides?: TrackingOverrides;
  /**
   * Whether a mail that names a list is refused if it would be sent without `List-Unsubscribe`:
   * `sendMail` rejects with a `TrackingError`, `INVALID_OPTIONS` or what writing the link failed with.
   * @default false
   */
  requireUnsubscribe?: boolean;
}

/** The options that hold for one mail. */
export type MailOptions = Omit<TrackedOptions, 'unsubscribe'> & Pick<AdaptOptions, 'unsubscribe'>;

/**
 * The options of every mail of a transporter. Options that are passed to `tracked` take precedence;
 * `metadata` and `overrides` of both are merged, member by member, and of `privacy` the narrower
 * modes hold.
 *
 * @example
 * ```ts
 * const defaults: TrackingPluginDefaults = {
 *   tags: ['newsletter'],
 *   onOutcome: (outcome) => {
 *     if (!outcome.tracked) console.warn(`a mail is not tracked: ${outcome.reason}`);
 *   },
 * };
 * ```
 */
export interface TrackingPluginDefaults extends Omit<TrackedOptions, 'messageId' | 'recipient'> {
  /**
   * Called once for each mail, before it is sent; not for a mail that is refused. Errors that it
   * throws are logged and ignored.
   * @default none
   */
  onOutcome?: (outcome: TrackingOutcome, mail: NodemailerMessage) => void;
  /**
   * The largest part (HTML, text or AMP) that is read into memory, in bytes. A mail with a larger
   * one is sent as it is.
   * @default 10 MiB
   */
  maxPartBytes?: number;
  /**
   * Who must not be written to, and what happens to them. The service is asked before anything else
   * happens, for the list that the mail names in `unsubscribe`.
   * @default nobody
   */
  suppression?: MailSuppressionOptions;
}

/**
 * Who must not be written to: the `SuppressionService` of `nestjs-email-tracking/suppression`, or
 * anything else that answers like it.
 */
export interface MailSuppression {
  /**
   * Returns the items whose address may be written to.
   *
   * @param options the list of the mail, if it names one
   * @throws anything if that cannot be told now
   */
  filter<T>(
    items: readonly T[],
    addressOf: (item: T) => string,
    options?: { list?: string },
  ): Promise<readonly T[]>;
}

/**
 * What happens to recipients who must not be written to.
 *
 * @example
 * ```ts
 * trackingPlugin(tracking, { suppression: { service: suppressionService, onSuppressed: 'skip' } });
 * ```
 */
export interface MailSuppressionOptions {
  /** Knows who is suppressed. It is asked once for each mail, and waited for at most 5 seconds. */
  service: MailSuppression;
  /**
   * `skip` takes suppressed recipients off the mail, and refuses it when nobody is left. `throw`
   * refuses the mail as soon as one of its recipients is suppressed. Both reject with
   * `ALL_SUPPRESSED`.
   * @default 'skip'
   */
  onSuppressed?: 'skip' | 'throw';
}

/**
 * What the plugin needs: a `TrackingService`, or a `Tracker`. With a `Tracker`, which has its own
 * overrides, the plugin refuses `overrides`.
 */
export type MailTracker = Pick<Tracker, 'adaptMessage' | 'isSealed'> &
  Partial<Pick<Tracker, 'getListHeaders' | 'policiesFor'>> &
  Partial<Pick<TrackingService, 'with'>>;

/** A mail as Nodemailer passes it to plugins: a `MailMessage` of any version. */
export interface NodemailerMessage {
  /** The argument of `sendMail`, with the defaults of the transporter. */
  data: object;
}

/** A plugin for the step `compile`, for any version of Nodemailer. */
export type TrackingPlugin = (
  mail: NodemailerMessage,
  callback: (error?: Error | null) => void,
) => void;
