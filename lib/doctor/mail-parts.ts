import type { LinkPurpose } from '../link/link-payload.js';
import type { LinkOptions } from '../link/link-options.js';
import type { Links } from '../link/links.js';
import { joinTrackingUrl } from '../link/tracking-url.js';
import type { TrackingResult } from '../link/tracking-result.js';

/** What a link of ours says, as far as the doctor wants to know. */
export interface MailLink {
  /** Where a click leads; `null` for other links. */
  readonly destination: string | null;
  /** Whether it is older than links may be. */
  readonly isExpired: boolean;
}

/** What the examination of a mail needs to know of the configuration. */
export interface MailParts {
  /** What our URLs of each purpose begin with; none where there is no base URL. */
  readonly starts: Readonly<Record<LinkPurpose, readonly string[]>>;
  /**
   * Reads a link of ours.
   *
   * @throws TrackingError if it cannot be read, or leads where it may not
   */
  read(url: string, purpose: LinkPurpose): MailLink;
}

/** What is needed of the unsubscribe links of the same configuration. */
export interface UnsubscribeReader {
  readonly options: { readonly baseUnsubscribeUrl?: string };
  read(url: string): TrackingResult;
}

/** Takes the parts from the links of a configuration. */
export function mailPartsOf(
  links: Links<LinkOptions>,
  unsubscribing: UnsubscribeReader,
): MailParts {
  const { baseOpenTrackingUrl, baseClickTrackingUrl, urlJoin } = links.options;
  const startsOf = (base: string | undefined, join: LinkOptions['urlJoin']) =>
    base ? [joinTrackingUrl(base, '', join, false)].filter((start) => start !== '') : [];
  return {
    starts: {
      open: startsOf(baseOpenTrackingUrl, urlJoin),
      click: startsOf(baseClickTrackingUrl, urlJoin),
      unsubscribe: startsOf(unsubscribing.options.baseUnsubscribeUrl, 'append'),
    },
    read(url, purpose) {
      const result = readAs(url, purpose, links, unsubscribing);
      // A wish to leave never expires.
      const isExpired = purpose !== 'unsubscribe' && links.isExpired(result);
      return { destination: result.trackedUrl, isExpired };
    },
  };
}

function readAs(
  url: string,
  purpose: LinkPurpose,
  links: Links<LinkOptions>,
  unsubscribing: UnsubscribeReader,
): TrackingResult {
  if (purpose === 'unsubscribe') return unsubscribing.read(url);
  return purpose === 'click' ? links.readClick(url, null) : links.reader.read(url, 'open', null);
}
