import type { LinkPayload } from '../link/link-payload.js';
import { isTrackingError } from '../tracking.error.js';
import { encodeAttribute } from './entities.js';
import { findLinks, type FoundLink } from './find-links.js';
import type { LinkSealer } from './link-rules.js';
import type { AdaptOptions, MessageRecipient } from './message-options.js';
import { pixelTag, placePixel } from './pixel.js';
import type { LinkReport, RewriteReport, RewriteWarning, SkipReason } from './rewrite-report.js';

/** Where Gmail cuts a mail, and a pixel at its end with it. */
const GMAIL_CLIPS_AT = 102_400;

/** HTML for one recipient, and what was done to it. */
export interface RenderedHtml {
  readonly html: string;
  readonly report: RewriteReport;
}

/** A place that is written anew for each recipient: the pixel, or a link by its index. */
interface Edit {
  readonly what: 'pixel' | number;
  readonly start: number;
  readonly end: number;
}

/**
 * A mail's HTML as the text between its links. Rendering makes tokens and joins them up with the
 * gaps, so that a campaign pays once for reading its mail. Never changes, and can be shared.
 */
export class CompiledHtml {
  readonly #sealer: LinkSealer;
  readonly #links: readonly FoundLink[];
  readonly #pixel: RewriteReport['pixel'];
  readonly #edits: readonly Edit[];
  /** What stands before each edit, and then the rest. */
  readonly #gaps: readonly string[] = [];
  readonly #gapBytes: number;
  readonly #bytesBefore: number;

  constructor(html: string, options: AdaptOptions, sealer: LinkSealer) {
    const { clickTracking = true, openTracking = true, pixelPosition = 'bottom' } = options;
    const { links, hasPixel, landmarks } = findLinks(html, sealer, clickTracking);
    this.#sealer = sealer;
    this.#links = links;
    this.#pixel = openTracking && !hasPixel ? pixelPosition : 'none';
    const edits: Edit[] = [];
    links.forEach(({ reason, value: { start, end } }, what) => {
      if (reason === undefined) edits.push({ what, start, end });
    });
    if (this.#pixel !== 'none') {
      const at = placePixel(html, this.#pixel, landmarks);
      edits.push({ what: 'pixel', start: at, end: at });
    }
    this.#edits = edits.sort((a, b) => a.start - b.start);
    const ends = [0, ...edits.map(({ end }) => end)];
    this.#gaps = ends.map((end, i) => html.slice(end, edits[i]?.start));
    this.#gapBytes = this.#gaps.reduce((sum, gap) => sum + Buffer.byteLength(gap), 0);
    this.#bytesBefore = Buffer.byteLength(html);
    Object.freeze(this);
  }

  /**
   * The HTML for one recipient.
   *
   * @throws TrackingError what sealing throws, but for a link that cannot be tracked: that one is
   * left as it is and reported
   */
  render(recipient: MessageRecipient): RenderedHtml {
    const report: RewriteReport = {
      links: this.#links.map(({ url, reason }, index): LinkReport =>
        reason === undefined
          ? { url, part: 'html', index, tracked: true }
          : { url, part: 'html', index, tracked: false, reason },
      ),
      pixel: this.#pixel,
      bytes: { before: this.#bytesBefore, after: 0 },
      warnings: [],
    };
    const payload = payloadOf(recipient);
    let html = this.#gaps[0] ?? '';
    let after = this.#gapBytes;
    this.#edits.forEach(({ what }, i) => {
      const text =
        what === 'pixel'
          ? this.#renderPixel(payload, report)
          : this.#renderLink(what, payload, report);
      html += text + (this.#gaps[i + 1] ?? '');
      after += Buffer.byteLength(text);
    });
    report.bytes.after = after;
    if (after > GMAIL_CLIPS_AT) report.warnings.push(clippedByGmail(report));
    return { html, report };
  }

  #renderPixel(payload: LinkPayload, report: RewriteReport): string {
    try {
      return pixelTag(this.#sealer.openUrl(payload));
    } catch (error) {
      if (!isTrackingError(error) || error.code !== 'URL_TOO_LONG') throw error;
      report.pixel = 'none';
      report.warnings.push({
        code: 'LONG_URL',
        message: `The pixel is left out. ${error.message}`,
      });
      return '';
    }
  }

  #renderLink(index: number, payload: LinkPayload, report: RewriteReport): string {
    const link = this.#links[index]!;
    const entry = report.links[index]!;
    const context = { ...payload, linkIndex: index, linkCount: this.#links.length };
    try {
      entry.trackingUrl = this.#sealer.clickUrl(link.url, context);
    } catch (error) {
      const reason = isTrackingError(error) ? REASONS[error.code] : undefined;
      if (reason === undefined) throw error;
      entry.tracked = false;
      entry.reason = reason;
      return link.source;
    }
    return encodeAttribute(entry.trackingUrl, link.value.quote);
  }
}

/** The failures that concern one link only. Any other one would meet every link of the mail. */
const REASONS: Partial<Record<string, SkipReason>> = {
  UNSAFE_URL: 'refused-by-policy',
  URL_TOO_LONG: 'too-long',
};

/** Only what is given: an absent field and `undefined` must seal alike. */
function payloadOf({ metadata, messageId, recipient, tags }: MessageRecipient): LinkPayload {
  const payload: LinkPayload = { part: 'html' };
  if (metadata !== undefined) payload.metadata = metadata;
  if (messageId !== undefined) payload.messageId = messageId;
  if (recipient !== undefined) payload.recipient = recipient;
  if (tags !== undefined) payload.tags = tags;
  return payload;
}

function clippedByGmail({ bytes, pixel }: RewriteReport): RewriteWarning {
  const remedy =
    pixel === 'bottom'
      ? "Gmail hides the end and the pixel in it: shorten the mail, or set pixelPosition: 'top'."
      : 'Gmail hides the end: shorten the mail.';
  return {
    code: 'CLIPPED_BY_GMAIL',
    message: `The HTML has ${bytes.after} bytes, more than ${GMAIL_CLIPS_AT}. ${remedy}`,
  };
}

/**
 * Reads a mail's HTML once, for any number of recipients.
 *
 * @param html the HTML part, checked by the caller
 * @param options checked by the caller
 * @param sealer the writer of the links; asked now about destinations, and in `render` for links
 */
export function compileHtml(html: string, options: AdaptOptions, sealer: LinkSealer): CompiledHtml {
  return new CompiledHtml(html, options, sealer);
}
