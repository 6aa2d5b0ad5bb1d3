import type { AdaptOptions, Tracker, TrackingOverrides, TrackingService } from '../index.js';
import type { TrackingOutcome } from './tracking-outcome.js';

/**
 * The tracking options of one mail. They are those of {@link AdaptOptions}, with these differences:
 * the default of `messageId` is the mail's `Message-ID`; the default of `recipient` is the address
 * of a mail with a single recipient (unless others can read the links); and the mail's own
 * `List-Unsubscribe` is added to `listUnsubscribe`.
 *
 * @example
 * ```ts
 * const options: TrackedOptions = { metadata: { order: 42 }, tags: ['receipt'], openTracking: false };
 * ```
 */
export interface TrackedOptions extends AdaptOptions {
  /**
   * Options of the module that differ for this mail, for example the key of a tenant.
   * @default none
   */
  overrides?: TrackingOverrides;
}

/**
 * The options of every mail of a transporter. Options that are passed to `tracked` take precedence;
 * `metadata` and `overrides` of both are merged, member by member.
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
   * Called once for each mail, before it is sent. Errors that it throws are logged and ignored.
   * @default none
   */
  onOutcome?: (outcome: TrackingOutcome, mail: NodemailerMessage) => void;
  /**
   * The largest part (HTML, text or AMP) that is read into memory, in bytes. A mail with a larger
   * one is sent as it is.
   * @default 10 MiB
   */
  maxPartBytes?: number;
}

/**
 * What the plugin needs: a `TrackingService`, or a `Tracker`. With a `Tracker`, which has its own
 * overrides, the plugin refuses `overrides`.
 */
export type MailTracker = Pick<Tracker, 'adaptMessage' | 'isSealed'> &
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
