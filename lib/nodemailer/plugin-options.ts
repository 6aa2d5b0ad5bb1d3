import type { AdaptOptions, TrackingOverrides, TrackingService } from '../index.js';
import type { TrackingOutcome } from './tracking-outcome.js';

/**
 * What is tracked in one mail, and what its links carry. Every option of {@link AdaptOptions}
 * counts, with these differences: `messageId` is the mail's `Message-ID` unless given, `recipient`
 * is the address of a mail that goes to one only (unless the links can be read by others), and the
 * mail's own `List-Unsubscribe` is added to `listUnsubscribe`.
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
 * What holds for every mail of a transporter. What is given to `tracked` for a mail wins;
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
   * Called once for each mail, before it is sent. What it throws is logged and changes nothing.
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

/** What the plugin asks of the service. */
export type MailTracker = Pick<TrackingService, 'adaptMessage' | 'isSealed'>;

/** A mail as Nodemailer hands it to plugins; a `MailMessage` of any version is one. */
export interface NodemailerMessage {
  /** What was given to `sendMail`, with the defaults of the transporter. */
  data: object;
}

/** A plugin for the step `compile`, for any version of Nodemailer. */
export type TrackingPlugin = (
  mail: NodemailerMessage,
  callback: (error?: Error | null) => void,
) => void;
