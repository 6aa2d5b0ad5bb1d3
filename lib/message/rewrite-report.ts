import type { MessagePart } from '../link/link-payload.js';
import type { ListHeaders } from '../link/unsubscribe-subject.js';

/**
 * Why a link was left as it is, as a closed list.
 *
 * | reason | meaning |
 * | --- | --- |
 * | `empty` | there is no URL |
 * | `fragment` | it leads to a place in the same mail (`#top`) |
 * | `relative` | it has no host, so a mail client cannot follow it either |
 * | `scheme` | it is neither `http:` nor `https:`, for example `mailto:` |
 * | `placeholder` | a template or an email service provider still has to fill something in |
 * | `undecodable` | it holds a named character reference that is not known here |
 * | `already-tracked` | it is a tracking URL of this configuration, or was left alone when this very mail was rewritten before |
 * | `no-track` | its author wrote `data-no-track` |
 * | `provider-opt-out` | its author told a provider not to track it (`clicktracking="off"`, `disable-tracking`, `ses:no-track`, …) |
 * | `unsubscribe` | it ends a subscription: by its text, its URL, or the mail's `List-Unsubscribe` |
 * | `is-unsubscribe` | it is an unsubscribe link of ours, or its author wrote `data-unsubscribe` |
 * | `refused-by-policy` | the option `redirect` does not allow its destination |
 * | `too-long` | its tracking URL would be longer than `maxUrlLength` |
 * | `privacy-off` | the mode of the mail's links is `off` |
 * | `format-without-modes` | the mode of the mail is narrower than `identified`, and links of this format are not |
 * | `click-tracking-off` | the mail was adapted with `clickTracking: false` |
 */
export type SkipReason =
  | 'empty'
  | 'fragment'
  | 'relative'
  | 'scheme'
  | 'placeholder'
  | 'undecodable'
  | 'already-tracked'
  | 'no-track'
  | 'provider-opt-out'
  | 'unsubscribe'
  | 'is-unsubscribe'
  | 'refused-by-policy'
  | 'too-long'
  | 'privacy-off'
  | 'format-without-modes'
  | 'click-tracking-off';

/** What became of one link. */
export interface LinkReport {
  /** Where the link leads, as a browser reads it; the source text if the reason is `undecodable`. */
  url: string;
  /** The part of the mail that it is in. */
  part: MessagePart;
  /** Which link of its part this is, counted from 0, tracked or not. */
  index: number;
  /** The name that its author gave it by `data-track-label`. Absent if there is none. */
  label?: string;
  /** Whether clicks on it are counted. */
  tracked: boolean;
  /** Why it is not tracked. Absent if it is. */
  reason?: SkipReason;
  /** What it was replaced by. Absent if it is not tracked. */
  trackingUrl?: string;
}

/**
 * What the sender should know about, as a closed list.
 *
 * | code | meaning |
 * | --- | --- |
 * | `CLIPPED_BY_GMAIL` | the HTML is over 102 400 bytes: Gmail cuts it, and the pixel with it |
 * | `LONG_URL` | links or the pixel are left out: their tracking URLs are longer than `maxUrlLength` |
 * | `ALREADY_TRACKED` | the mail holds tracking URLs of ours: they were placed by hand, or it is adapted twice |
 * | `NO_LINKS` | clicks were to be counted, and there is no link to count them on |
 * | `URL_TEXT_MISMATCH` | the text of a tracked link is a URL of another host than the tracking host |
 * | `SUSPECT_PLACEHOLDER` | it was a guess whether a link holds a placeholder, and the guess may be wrong |
 * | `SECRET_IN_URL` | the URL of a tracked link holds what seems to be a secret, such as a token |
 * | `ANONYMOUS_BUT_UNIQUE` | an anonymous link holds something of one recipient only, by which they can be told apart |
 * | `SIGNED_OR_ENCRYPTED` | a part is signed or encrypted with PGP; nothing was changed |
 * | `AMP_NOT_TRACKED` | the mail has an AMP part, which is left alone |
 * | `NO_RECIPIENT` | the mail is for a list, and has no unsubscribe headers because no recipient was given |
 */
export type RewriteWarningCode =
  | 'CLIPPED_BY_GMAIL'
  | 'LONG_URL'
  | 'ALREADY_TRACKED'
  | 'NO_LINKS'
  | 'URL_TEXT_MISMATCH'
  | 'SUSPECT_PLACEHOLDER'
  | 'SECRET_IN_URL'
  | 'ANONYMOUS_BUT_UNIQUE'
  | 'SIGNED_OR_ENCRYPTED'
  | 'AMP_NOT_TRACKED'
  | 'NO_RECIPIENT';

/** Something that did not stop the rewriting, but spoils the tracking. */
export interface RewriteWarning {
  /** Stable, for programs. */
  code: RewriteWarningCode;
  /** What is wrong and what to do about it. */
  message: string;
}

/**
 * What was done to a mail.
 *
 * @example
 * ```ts
 * const { report } = tracking.adaptMessage({ html });
 * for (const link of report.links) {
 *   if (!link.tracked) logger.debug(`${link.url} is not tracked: ${link.reason}`);
 * }
 * ```
 */
export interface RewriteReport {
  /** Every link of the mail, in its order: those of the HTML, then those of the text. */
  links: LinkReport[];
  /** Where the pixel is; `none` without open tracking, or if the mail had one already. */
  pixel: 'bottom' | 'top' | 'none';
  /** The size of the HTML in UTF-8; 0 if there is none. */
  bytes: {
    /** As it was given. */
    before: number;
    /** As it is returned. */
    after: number;
  };
  /** What the sender should know about; usually nothing. */
  warnings: RewriteWarning[];
}

/** A mail that was rewritten: the parts that were handed in, and what was done to them. */
export interface AdaptedMessage {
  /** The rewritten HTML, if some was given. */
  html?: string;
  /** The text part, if one was given: rewritten with `textTracking`, else as it was. */
  text?: string;
  /** The AMP part as it was given. */
  amp?: string;
  /** The headers to put on the mail, with `unsubscribe` and a recipient. */
  headers?: ListHeaders;
  /** What was done, link by link. */
  report: RewriteReport;
}
