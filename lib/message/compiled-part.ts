import { LRUCache } from 'lru-cache';
import type { LinkPayload, MessagePart } from '../link/link-payload.js';
import { isPixelFor } from '../link/link-writer.js';
import type { PrivacyMode, PrivacyModes } from '../link/privacy-mode.js';
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

/** What a rendering is made from. */
export interface Rendering {
  readonly recipient: MessageRecipient;
  readonly modes: Required<PrivacyModes>;
  /** What anonymous links keep of metadata and tags, as text. */
  readonly kept: string;
  /** The same and the day: links of one variant are equal. */
  readonly variant: string;
  readonly unsubscribeUrl?: string | undefined;
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

/** How many texts with shared links are kept: those of a few campaigns, variants or days. */
const MAX_SHARED = 20;

/** A place that is written anew for each recipient (the pixel, or a link by its index), or left out. */
interface Edit extends Range {
  readonly what: 'pixel' | 'cut' | number;
}

/** The text between what is written for each recipient, and what is known about all links. */
interface Frame {
  readonly edits: readonly ('pixel' | number)[];
  /** What is before each edit, and then the rest. */
  readonly gaps: readonly string[];
  /** The size of all gaps, in UTF-8. */
  readonly bytes: number;
  readonly links: readonly LinkReport[];
  readonly pixel: RenderedPart['pixel'];
}

/**
 * A part of a mail as the text between its links. Rendering makes tokens and joins them up with the
 * gaps, so that a campaign pays once for reading its mail. Never changes, and can be shared.
 */
export class CompiledPart {
  readonly #part: ReadPart;
  readonly #sealer: LinkSealer;
  readonly #whole: Frame;
  readonly #tracked: number;
  /** With the links that are the same for all anonymous recipients: sealed once. */
  readonly #shared = new LRUCache<string, Frame>({ max: MAX_SHARED });
  /** As it was given, in UTF-8. */
  readonly bytes: number;

  constructor(part: ReadPart, sealer: LinkSealer) {
    const { content, links } = part;
    this.#part = part;
    this.#sealer = sealer;
    const edits: ('pixel' | number)[] = [];
    const gaps = [''];
    this.bytes = Buffer.byteLength(content);
    let bytes = this.bytes;
    let at = 0;
    for (const { what, start, end } of editsOf(part)) {
      gaps[gaps.length - 1] += content.slice(at, start);
      bytes -= Buffer.byteLength(content.slice(start, end));
      at = end;
      if (what === 'cut') continue;
      edits.push(what);
      gaps.push('');
    }
    gaps[gaps.length - 1] += content.slice(at);
    const reports = links.map((link, index) => toReport(link, index, part.part));
    this.#whole = { edits, gaps, bytes, links: reports, pixel: 'none' };
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
  render(rendering: Rendering): RenderedPart {
    const frame = rendering.variant === '' ? this.#whole : this.#sharedBy(rendering);
    const { gaps, bytes, links, pixel } = this.#write(frame, rendering, () => true);
    return { content: gaps[0]!, bytes, links: [...links], pixel };
  }

  #sharedBy(rendering: Rendering): Frame {
    const { modes, variant } = rendering;
    const key = `${modes.opens} ${modes.clicks} ${variant}`;
    let frame = this.#shared.get(key);
    if (!frame) {
      const isShared = (what: 'pixel' | number) =>
        what === 'pixel'
          ? modes.opens === 'off' || modes.opens === 'anonymous'
          : modes.clicks !== 'identified' && !this.links[what]!.isLeaving;
      frame = this.#write(this.#whole, rendering, isShared);
      this.#shared.set(key, frame);
    }
    return frame;
  }

  /** Writes some of the places of a frame. @returns a frame of the others */
  #write(
    frame: Frame,
    rendering: Rendering,
    isWritten: (what: 'pixel' | number) => boolean,
  ): Frame {
    const payload = payloadOf(rendering.recipient, this.#part.part);
    const links = frame.links.map((link) => ({ ...link }));
    const edits: ('pixel' | number)[] = [];
    const gaps = [frame.gaps[0]!];
    let { bytes, pixel } = frame;
    frame.edits.forEach((what, i) => {
      if (!isWritten(what)) {
        edits.push(what);
        gaps.push(frame.gaps[i + 1]!);
        return;
      }
      const written =
        what === 'pixel'
          ? this.#writePixel(payload, rendering)
          : this.#writeLink(what, payload, rendering);
      if (what === 'pixel') pixel = written.withoutPixel ?? this.#part.pixel!.position;
      else note(written, links[what]!);
      gaps[gaps.length - 1] += written.text + frame.gaps[i + 1]!;
      bytes += written.bytes;
    });
    return { edits, gaps, bytes, links, pixel };
  }

  #writePixel(payload: LinkPayload, { recipient, modes }: Rendering): Written {
    const { opens } = modes;
    return isPixelFor(opens, recipient.recipient) && this.#canBe(opens)
      ? this.#sealPixel(payload, modes)
      : NO_PIXEL;
  }

  #sealPixel(payload: LinkPayload, modes: Required<PrivacyModes>): Written {
    // By this, a second run knows that the mail was read before, and how many links it had.
    const linkCount = this.links.length;
    const { countsLinks } = this.#part.pixel!;
    try {
      const context = countsLinks ? { ...payload, linkCount } : payload;
      return written(pixelTag(this.#sealer.openUrl(context, payload.metadata, modes)));
    } catch (error) {
      if (!isTrackingError(error) || error.code !== 'URL_TOO_LONG') throw error;
      return { text: '', bytes: 0, withoutPixel: 'too-long' };
    }
  }

  #writeLink(index: number, payload: LinkPayload, { modes, unsubscribeUrl }: Rendering): Written {
    const link = this.links[index]!;
    if (link.isLeaving) {
      const { write } = this.#part;
      return written(unsubscribeUrl ? write(unsubscribeUrl, link.quote ?? '') : link.source);
    }
    if (modes.clicks === 'off') return left(link, 'privacy-off');
    if (!this.#canBe(modes.clicks)) return left(link, 'format-without-modes');
    return this.#sealLink(index, payload, modes);
  }

  #sealLink(linkIndex: number, payload: LinkPayload, modes: Required<PrivacyModes>): Written {
    const { links, write } = this.#part;
    const link = links[linkIndex]!;
    const context: LinkPayload = { ...payload, linkIndex, linkCount: links.length };
    if (this.#tracked < links.length) context.trackedLinkCount = this.#tracked;
    if (link.isUnsubscribe) context.isUnsubscribeLink = true;
    if (link.label !== undefined) context.linkLabel = link.label;
    try {
      const url = this.#sealer.clickUrlAgain(link.target ?? link.url, context, modes);
      return { ...written(write(url, link.quote ?? '')), url };
    } catch (error) {
      const reason = isTrackingError(error) ? REASONS[error.code] : undefined;
      if (reason === undefined) throw error;
      return left(link, reason);
    }
  }

  #canBe(mode: PrivacyMode): boolean {
    return mode === 'identified' || this.#sealer.knowsModes;
  }
}

/** What takes the place of the pixel or a link. */
interface Written {
  readonly text: string;
  /** In UTF-8. */
  readonly bytes: number;
  /** The tracking URL of a link. */
  readonly url?: string;
  /** Why a link is not tracked. */
  readonly reason?: SkipReason;
  /** Why there is no pixel. */
  readonly withoutPixel?: 'none' | 'too-long';
}

const NO_PIXEL: Written = { text: '', bytes: 0, withoutPixel: 'none' };

function written(text: string): Written {
  return { text, bytes: Buffer.byteLength(text) };
}

function left({ source }: CompiledLink, reason: SkipReason): Written {
  return { ...written(source), reason };
}

function note({ url, reason }: Written, report: LinkReport): void {
  if (url !== undefined) report.trackingUrl = url;
  if (reason === undefined) return;
  report.tracked = false;
  report.reason = reason;
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
