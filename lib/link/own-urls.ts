import { parseUrl } from '../util/parse-url.js';

/** The URLs below some starts: tells our own URLs in a mail from those of others. */
export class OwnUrls {
  private readonly starts: readonly OwnStart[];

  /** @param starts what our own URLs start with */
  constructor(starts: readonly string[]) {
    this.starts = starts.map((text) => ({ text, parsed: parseUrl(text) }));
  }

  /** Returns true for a URL below one of the starts, but not for a start itself. */
  owns(url: string): boolean {
    if (this.starts.some(({ text }) => url.length > text.length && url.startsWith(text)))
      return true;
    // Nearly every URL of a mail is plainly somebody else's, and needs no parser to tell.
    if (!/^https?:/i.test(url)) return false;
    const host = PLAIN_HOST.exec(url)?.[1]?.toLowerCase();
    if (host !== undefined && this.starts.every(({ parsed }) => parsed?.hostname !== host)) {
      return false;
    }
    const given = parseUrl(url);
    return given !== undefined && this.starts.some(({ parsed }) => isBelow(given, parsed));
  }
}

interface OwnStart {
  text: string;
  parsed: URL | undefined;
}

/**
 * A host that a URL parser would return unchanged except for its case, and that is not an address.
 */
const PLAIN_HOST = /^https?:\/\/((?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)(?=[/?#]|$)/i;

function isBelow(given: URL, start: URL | undefined): boolean {
  return (
    start !== undefined &&
    given.origin === start.origin &&
    given.pathname.length > start.pathname.length &&
    given.pathname.startsWith(start.pathname)
  );
}
