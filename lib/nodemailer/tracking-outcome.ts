import type { PrivacyModes, RewriteReport } from '../index.js';

/**
 * The reasons for sending a mail unchanged.
 *
 * | reason | meaning |
 * | --- | --- |
 * | `raw` | the message, its HTML or its text is given as `raw` MIME |
 * | `signed` | it is signed or encrypted by other means than DKIM: a `Content-Type` of `multipart/signed`, `multipart/encrypted` (RFC 1847) or `application/pkcs7-mime` (RFC 8551), or PGP armour in a part |
 * | `report` | its `Content-Type` is `multipart/report` (RFC 6522), for example a bounce |
 * | `calendar` | it has an `icalEvent`, or a part of type `text/calendar` or `application/ics` |
 * | `attached-message` | a mail is a part of it (`message/rfc822` and its relatives) |
 * | `auto-submitted` | `Auto-Submitted` is set, and not `no` (RFC 3834): a machine wrote it |
 * | `null-sender` | its `envelope` has no sender: `from` is empty, `<>` or missing |
 * | `x-track` | the header `X-Track` switches tracking off |
 * | `off` | neither links nor opens are to be tracked |
 * | `no-content` | there is no HTML, and no text whose links are to be tracked |
 * | `file-access` | a part is a file, and `disableFileAccess` is set |
 * | `url-access` | a part is a URL, and `disableUrlAccess` is set |
 * | `not-utf8` | the bytes of a part are not UTF-8, or it is declared to be something else |
 * | `too-large` | a part is larger than `maxPartBytes` |
 * | `failed` | rewriting failed, and the failure is logged |
 */
export type NotTrackedReason =
  | 'raw'
  | 'signed'
  | 'report'
  | 'calendar'
  | 'attached-message'
  | 'auto-submitted'
  | 'null-sender'
  | 'x-track'
  | 'off'
  | 'no-content'
  | 'file-access'
  | 'url-access'
  | 'not-utf8'
  | 'too-large'
  | 'failed';

/**
 * Whether a mail says in `List-Unsubscribe` how to leave its list.
 *
 * | value | meaning |
 * | --- | --- |
 * | `added` | the headers of RFC 8058 were added |
 * | `own` | the mail has a `List-Unsubscribe` of its own, which was left as it is |
 * | `several-recipients` | nothing was added: the link is for one recipient, and the mail has several |
 * | `no-recipient` | nothing was added: the mail has no recipient, or none that can be told for certain |
 * | `off` | nothing was added: the mail names no list, or is of a kind that is never changed, or writing the link failed, which is logged |
 */
export type UnsubscribeHeaders = 'added' | 'own' | 'several-recipients' | 'no-recipient' | 'off';

/**
 * Whether the DKIM signature of a mail covers `List-Unsubscribe` and `List-Unsubscribe-Post`, as
 * RFC 8058 demands.
 *
 * | value | meaning |
 * | --- | --- |
 * | `covered` | Nodemailer signs the mail, and was told to sign both headers |
 * | `unsigned` | Nodemailer signs the mail, but `skipFields` leaves out one of the headers |
 * | `unknown` | Nodemailer does not sign: your server or your provider may |
 */
export type DkimCoverage = 'covered' | 'unsigned' | 'unknown';

/** The part of an outcome that every mail has, tracked or not. */
export interface MailOutcome {
  /** Whether the mail has `List-Unsubscribe`. */
  unsubscribe: UnsubscribeHeaders;
  /**
   * Whether its DKIM signature covers the headers; `null` unless `unsubscribe` is `added` or `own`:
   * the settings of the signer are left alone then.
   */
  dkim: DkimCoverage | null;
  /** How many recipients were taken off the mail because they are suppressed. */
  suppressed: number;
}

/** A mail that was rewritten. */
export interface TrackedOutcome extends MailOutcome {
  /** Always `true`. The report says which parts are tracked. */
  tracked: true;
  /** The report of every link. */
  report: RewriteReport;
  /** The message id in its links: its `Message-ID`, unless you passed another to `tracked`. */
  messageId: string;
  /**
   * The modes that the mail was rewritten with: the narrowest that the configuration, the mail and the
   * consent of all its recipients allow. With `off` for both, its links are as they were, and there is no
   * pixel.
   */
  privacy: Required<PrivacyModes>;
}

/** A mail that is sent unchanged. */
export interface NotTrackedOutcome extends MailOutcome {
  /** Always `false`. Of its parts, only links with `data-unsubscribe` may have been changed. */
  tracked: false;
  /** The reason. */
  reason: NotTrackedReason;
  /**
   * Its `Message-ID`, or what you passed to `tracked`; `null` if Nodemailer has not created one
   * yet.
   */
  messageId: string | null;
}

/**
 * The result for a mail: rewritten, with a report of every link, or sent unchanged, with the
 * reason.
 *
 * @example
 * ```ts
 * function onOutcome(outcome: TrackingOutcome) {
 *   if (outcome.tracked) console.log(outcome.messageId, outcome.report.links.length);
 *   else console.log(outcome.messageId, outcome.reason);
 * }
 * ```
 */
export type TrackingOutcome = TrackedOutcome | NotTrackedOutcome;

/** The outcome of the tracking alone. */
export type Tracking =
  Omit<TrackedOutcome, keyof MailOutcome> | Omit<NotTrackedOutcome, keyof MailOutcome>;
