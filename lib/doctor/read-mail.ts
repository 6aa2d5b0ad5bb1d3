import { findLinks } from '../message/find-links.js';
import { decodeAttribute } from '../message/html/entities.js';
import { HtmlScanner } from '../message/html/html-scanner.js';
import { normaliseUrl } from '../message/link-rules.js';
import { UrlFinder } from '../message/text-scanner.js';

/** The largest mail that is examined: providers refuse larger ones. */
export const MAX_MAIL_BYTES = 30 * 1024 * 1024;

/** The most lines of the largest mail whose lines are as long as is usual, and a few more. */
const MAX_LINES = 500_000;

/** Lines that may begin a part: the parser compares each with every boundary. */
const MAX_DASHED_LINES = 20_000;

/** What a mail is made of, decoded. */
export interface OpenedMail {
  readonly html: string;
  readonly text: string;
  readonly headers: readonly MailHeader[];
}

/** A field of the mail's head. */
export interface MailHeader {
  /** Its name in lower case. */
  readonly name: string;
  /** Its value as it is written, with `\n` where it is folded. */
  readonly value: string;
}

/**
 * Parses a mail. Messages that are attached to it are left closed.
 *
 * @returns `undefined` for what is no mail, too deep, or made of lines that no mail program writes
 */
export async function openMail(mail: Uint8Array): Promise<OpenedMail | undefined> {
  if (!hasUsualLines(mail)) return undefined;
  // Nobody else needs the parser.
  const { default: PostalMime } = await import('postal-mime');
  try {
    const { html, text, headerLines } = await PostalMime.parse(mail, {
      forceRfc822Attachments: true,
      maxNestingDepth: 32,
      maxHeadersSize: 512 * 1024,
    });
    const headers = headerLines.map(({ key, line }) => ({
      name: key,
      value: line.slice(line.indexOf(':') + 1),
    }));
    return { html: html ?? '', text: text ?? '', headers };
  } catch {
    return undefined;
  }
}

const NEWLINE = 10;
const DASH = 45;

function hasUsualLines(mail: Uint8Array): boolean {
  let lines = 0;
  let dashed = 0;
  for (let at = mail.indexOf(NEWLINE); at !== -1; at = mail.indexOf(NEWLINE, at + 1)) {
    if (mail[at + 1] === DASH && mail[at + 2] === DASH) dashed++;
    if (++lines > MAX_LINES || dashed > MAX_DASHED_LINES) return false;
  }
  return true;
}

/** Where a URL is in a mail. */
export interface PlacedUrl {
  readonly url: string;
  readonly place: 'html' | 'text' | 'image' | 'header';
  /** What a reader sees of a link in HTML. */
  shown?(): string;
  /** Whether an image takes no room, as a pixel. */
  readonly isTiny?: boolean;
}

/** Returns the URLs of the web in a mail, each once for each place. */
export function urlsOf({ html, text, headers }: OpenedMail): PlacedUrl[] {
  const urls = new Map<string, PlacedUrl>();
  const add = (one: PlacedUrl): void => {
    const key = `${one.place} ${one.url}`;
    if (/^https?:\/\//i.test(one.url) && !urls.has(key)) urls.set(key, one);
  };
  for (const link of findLinks(html, () => false).links) {
    const { value } = link;
    if (value === undefined) continue;
    add({ url: normaliseUrl(value), place: 'html', shown: () => link.text().text });
  }
  for (const image of imagesOf(html)) add(image);
  for (const { url } of new UrlFinder().find(text)) add({ url, place: 'text' });
  for (const { name, value } of headers) {
    if (name !== 'list-unsubscribe') continue;
    for (const [, url] of value.matchAll(/<([^<>]*)>/g)) {
      add({ url: url!.replace(/\s+/g, ''), place: 'header' });
    }
  }
  return [...urls.values()];
}

const imageScanner = new HtmlScanner({ img: ['src', 'width', 'height', 'style'] });

function imagesOf(html: string): PlacedUrl[] {
  const images: PlacedUrl[] = [];
  imageScanner.scan(html, {
    startTag({ attributes }) {
      const valueOf = (wanted: string): string => {
        const found = attributes.find(({ name }) => name === wanted);
        return found === undefined
          ? ''
          : (decodeAttribute(html.slice(found.start, found.end)) ?? '');
      };
      const style = valueOf('style').slice(0, 2000);
      const sizes = ['width', 'height'].map((side) => styleOf(style, side) ?? valueOf(side));
      // An image of some size may be hidden for large screens alone.
      const isHidden = styleOf(style, 'display') === 'none';
      const isTiny = sizes.every((size) => TINY.test(size) || (isHidden && size === ''));
      images.push({ url: normaliseUrl(valueOf('src')), place: 'image', isTiny });
    },
  });
  return images;
}

const TINY = /^\s*[01](?:px)?(?![\w.%])/i;

function styleOf(style: string, property: string): string | undefined {
  const found = new RegExp(`(?<![\\w-])${property}\\s{0,9}:\\s{0,9}([^;\\s!]{1,20})`, 'i');
  return found.exec(style)?.[1]!.toLowerCase();
}
