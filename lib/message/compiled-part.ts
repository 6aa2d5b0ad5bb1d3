import type { LinkPayload, MessagePart } from '../link/link-payload.js';
import { isTrackingError } from '../tracking.error.js';
import type { Range } from './html/conditional-comment.js';
import type { LinkSealer, LinkDecision } from './link-rules.js';
import type { MessageRecipient } from './message-options.js';
import { pixelTag } from './pixel.js';
import type { LinkReport, SkipReason } from './rewrite-report.js';
import type { Quote } from './html/tag-reader.js';

/** A link, and what was decided about it. */
export interface CompiledLink extends LinkDecision, Range {
  readonly source: string;
  readonly quote?: Quote;
  /** The URL with what may be the rest of it, in a text. */
  readonly outer?: string | undefined;
  readonly label?: string | undefined;
}

/** A part whose links were found and decided about. */
export interface ReadPart {
  readonly part: MessagePart;
  readonly content: string;
  /** In the order of the text. */
  readonly links: readonly CompiledLink[];
  readonly write: (url: string, quote: Quote) => string;
  readonly cuts: readonly Range[];
  /** Where to put a pixel, if at all, and whether it says how many links there are. */
  readonly pixel?: { at: number; position: 'bottom' | 'top'; countsLinks: boolean };
}

interface RenderedPart {
  readonly content: string;
  /** In UTF-8. */
  readonly bytes: number;
  readonly links: LinkReport[];
  /** `too-long`: there was to be one, and its URL is longer than `maxUrlLength`. */
  readonly pixel: 'bottom' | 'top' | 'none' | 'too-long';
}

/** A place that is written anew for each recipient (the pixel, or a link by its index), or left out. */
interface Edit extends Range {
  readonly what: 'pixel' | 'cut' | number;
}

/**
 * A part of a mail as the text between its links. Rendering makes tokens and joins them up with the
 * gaps, so that a campaign pays once for reading its mail. Never changes, and can be shared.
 */
export class CompiledPart {
  readonly #part: ReadPart;
  readonly #sealer: LinkSealer;
  readonly #edits: readonly ('pixel' | number)[];
  /** What is before each edit, and then the rest. */
  readonly #gaps: readonly string[];
  readonly #gapBytes: number;
  readonly #tracked: number;
  /** As it was given, in UTF-8. */
  readonly bytes: number;

  constructor(part: ReadPart, sealer: LinkSealer) {
    const { content, links } = part;
    this.#part = part;
    this.#sealer = sealer;
    const edits: ('pixel' | number)[] = [];
    const gaps = [''];
    this.bytes = Buffer.byteLength(content);
    let gapBytes = this.bytes;
    let at = 0;
    for (const { what, start, end } of editsOf(part)) {
      gaps[gaps.length - 1] += content.slice(at, start);
      gapBytes -= Buffer.byteLength(content.slice(start, end));
      at = end;
      if (what === 'cut') continue;
      edits.push(what);
      gaps.push('');
    }
    gaps[gaps.length - 1] += content.slice(at);
    this.#edits = edits;
    this.#gaps = gaps;
    this.#gapBytes = gapBytes;
    this.#tracked = links.filter(({ reason }) => reason === undefined).length;
    Object.freeze(this);
  }

  get links(): readonly CompiledLink[] {
    return this.#part.links;
  }

  /**
   * A link that cannot be tracked is left as it is and reported.
   *
   * @throws TrackingError any other error of sealing a link
   */
  render(recipient: MessageRecipient, unsubscribeUrl?: string): RenderedPart {
    const { part } = this.#part;
    const links = this.links.map((link, index) => toReport(link, index, part));
    const payload = payloadOf(recipient, part);
    let pixel: RenderedPart['pixel'] = 'none';
    let content = this.#gaps[0]!;
    let bytes = this.#gapBytes;
    this.#edits.forEach((what, i) => {
      const text =
        what === 'pixel'
          ? this.#renderPixel(payload)
          : this.#renderLink(what, payload, links[what]!, unsubscribeUrl);
      if (what === 'pixel') pixel = text === '' ? 'too-long' : this.#part.pixel!.position;
      content += text + this.#gaps[i + 1]!;
      bytes += Buffer.byteLength(text);
    });
    return { content, bytes, links, pixel };
  }

  #renderPixel(payload: LinkPayload): string {
    // By this, a second run knows that the mail was read before, and how many links it had.
    const linkCount = this.links.length;
    const { countsLinks } = this.#part.pixel!;
    try {
      const context = countsLinks ? { ...payload, linkCount } : payload;
      return pixelTag(this.#sealer.openUrl(context, payload.metadata));
    } catch (error) {
      if (!isTrackingError(error) || error.code !== 'URL_TOO_LONG') throw error;
      return '';
    }
  }

  #renderLink(
    linkIndex: number,
    payload: LinkPayload,
    report: LinkReport,
    unsubscribeUrl: string | undefined,
  ): string {
    const { links, write } = this.#part;
    const link = links[linkIndex]!;
    if (link.isLeaving) {
      return unsubscribeUrl === undefined ? link.source : write(unsubscribeUrl, link.quote ?? '');
    }
    const context: LinkPayload = { ...payload, linkIndex, linkCount: links.length };
    if (this.#tracked < links.length) context.trackedLinkCount = this.#tracked;
    if (link.isUnsubscribe) context.isUnsubscribeLink = true;
    if (link.label !== undefined) context.linkLabel = link.label;
    try {
      report.trackingUrl = this.#sealer.clickUrlAgain(link.target ?? link.url, context);
    } catch (error) {
      const reason = isTrackingError(error) ? REASONS[error.code] : undefined;
      if (reason === undefined) throw error;
      report.tracked = false;
      report.reason = reason;
      return link.source;
    }
    return write(report.trackingUrl, link.quote ?? '');
  }
}

/** The failures that concern one link only. Any other one would meet every link of the mail. */
const REASONS: Partial<Record<string, SkipReason>> = {
  UNSAFE_URL: 'refused-by-policy',
  URL_TOO_LONG: 'too-long',
};

function editsOf({ links, cuts, pixel }: ReadPart): Edit[] {
  const edits: Edit[] = cuts.map(({ start, end }) => ({ what: 'cut', start, end }));
  links.forEach(({ reason, isLeaving, start, end }, what) => {
    if (reason === undefined || isLeaving) edits.push({ what, start, end });
  });
  if (pixel) edits.push({ what: 'pixel', start: pixel.at, end: pixel.at });
  return edits.sort((a, b) => a.start - b.start);
}

function toReport(
  { url, label, reason }: CompiledLink,
  index: number,
  part: MessagePart,
): LinkReport {
  const report: LinkReport = { url, part, index, tracked: reason === undefined };
  if (label !== undefined) report.label = label;
  if (reason !== undefined) report.reason = reason;
  return report;
}

/** Only what is given: an absent field and `undefined` must seal alike. */
function payloadOf(
  { metadata, messageId, recipient, tags }: MessageRecipient,
  part: MessagePart,
): LinkPayload {
  const payload: LinkPayload = { part };
  if (metadata !== undefined) payload.metadata = metadata;
  if (messageId !== undefined) payload.messageId = messageId;
  if (recipient !== undefined) payload.recipient = recipient;
  if (tags !== undefined) payload.tags = tags;
  return payload;
}
