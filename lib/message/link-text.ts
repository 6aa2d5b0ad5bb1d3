import { parseUrl } from '../util/parse-url.js';
import { decodeAttribute } from './html/entities.js';
import { endOfUrl } from './url-end.js';

/** How much of a link's content is read, in characters of the source. */
const WINDOW = 2000;

const TAG = /<[^<>]*>/g;

/** Tags that part no words: `<b>Un</b>subscribe` is one. */
const INLINE = /^<\/?(?:a|abbr|b|big|em|font|i|small|span|strong|sub|sup|u|wbr)(?![\w-])/i;

const ALT = /<img\b[^<>]*?\salt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>=`]+))/gi;

/** Invisible characters that authors put between letters. */
const INVISIBLE = /\u034f|[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;

/** A text that is what it says: in ASCII, in one line, without references. */
const PLAIN = /^(?:[!-%'-~]+ )*[!-%'-~]+$/;

export interface LinkText {
  readonly text: string;
  /** What its images say instead of showing something. */
  readonly alt: string;
  /** What the words around it, and its attributes, say about it. */
  readonly around: string;
}

/**
 * What is between the tags of a link. Good enough to look for words in it, which is what it is
 * for: tags are taken out without regard to what their attributes hold.
 *
 * @param start behind the link's start tag
 * @param end before its end tag, or before what ends it without one
 */
export function readLinkText(
  html: string,
  start: number,
  end: number,
): Pick<LinkText, 'text' | 'alt'> {
  const whole = html.slice(start, Math.min(end, start + WINDOW));
  if (!whole.includes('<')) return { text: toText(whole), alt: '' };
  const source = withoutComments(whole);
  const alts = [...source.matchAll(ALT)].map(
    ([, double, single, bare]) => double ?? single ?? bare,
  );
  return {
    text: toText(source.replace(TAG, (tag) => (INLINE.test(tag) ? '' : ' '))),
    alt: toText(alts.join(' ')),
  };
}

/** In characters of the source. */
const LEAD_WINDOW = 300;

/** Tags that may stand in the sentence that leads to a link. */
const IN_SENTENCE = /^<(?:\/?(?:abbr|b|big|em|font|i|small|span|strong|u|wbr)|br)(?![\w-])/i;

/**
 * The words of the sentence that leads to a link, in one line: from the last other link, or from
 * where the paragraph begins. Nearly always there is nothing: the link comes first.
 *
 * @param end where the link's start tag begins
 */
export function readLead(html: string, end: number): string {
  let lead = '';
  let at = end;
  while (at > 0 && end - at < LEAD_WINDOW) {
    if (html[at - 1] === '>') {
      const tag = html.lastIndexOf('<', at - 2);
      if (tag === -1 || !IN_SENTENCE.test(html.slice(tag, Math.min(at, tag + 12)))) break;
      lead = ` ${lead}`;
      at = tag;
    } else {
      const from = Math.max(html.lastIndexOf('>', at - 1) + 1, at - LEAD_WINDOW);
      lead = html.slice(from, at) + lead;
      at = from;
    }
  }
  return /\S/.test(lead) ? lastSentence(toText(lead)) : '';
}

/** `click here</a> to unsubscribe`: what begins so says what the link before it is for. */
const TRAIL =
  /<\/a\s*>\s*((?:in order to|to|if you|um|pour|afin de|para|per|om|för att|for å|aby|żeby|чтобы|щоб)\s[^<>.!?]{1,100})/iy;

/**
 * What a sentence says behind a link about what the link is for.
 *
 * @param end where the link's content ends
 */
export function readTrail(html: string, end: number): string {
  TRAIL.lastIndex = end;
  const trail = TRAIL.exec(html)?.[1];
  return trail === undefined ? '' : toText(trail);
}

/** A question and what ends with a colon lead on to the sentence that answers. */
function lastSentence(text: string): string {
  const ends = [...text.matchAll(/[.!。！](?=\s|$)|[。！]/g)];
  const last = ends.at(-1);
  return last === undefined ? text : text.slice(last.index + 1).trim();
}

/** Decodes a piece of HTML without tags, in one line. */
export function toText(source: string): string {
  if (PLAIN.test(source)) return source;
  const text = decodeAttribute(source) ?? source;
  return text.replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();
}

function withoutComments(html: string): string {
  let kept = '';
  let at = 0;
  for (let open = html.indexOf('<!--'); open !== -1; open = html.indexOf('<!--', at)) {
    kept += html.slice(at, open);
    const close = html.indexOf('-->', open + 2);
    if (close === -1) return kept;
    at = close + 3;
  }
  return kept + html.slice(at);
}

const WITH_SCHEME = /^(?:(https?:)\/\/|www\.)\S+$/i;
const HOST_AND_PATH = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}(\/\S*)?$/u;

/**
 * The host that a link's visible text shows, without `www.`, if the text is itself a URL: with a
 * scheme, with `www.`, with a path, or the bare host that the link leads to (`Node.js` is none).
 *
 * @param target where the link leads, an absolute URL
 */
export function hostOfUrlText(text: string, target: string): string | undefined {
  // Most texts are words, and it takes a look to see it.
  if (text === '' || text.includes(' ') || !text.includes('.')) return undefined;
  const scheme = WITH_SCHEME.exec(text);
  if (scheme) {
    const url = scheme[1] === undefined ? `https://${text}` : text;
    return hostOf(url.slice(0, endOfUrl(url, 0, url.indexOf('//') + 2).end));
  }
  const [match, path] = HOST_AND_PATH.exec(text) ?? [];
  if (match === undefined) return undefined;
  const host = hostOf(text);
  return path !== undefined || host === hostOf(target) ? host : undefined;
}

/** The host of a URL with or without its scheme, less `www.`; `undefined` if there is none. */
export function hostOf(text: string): string | undefined {
  const url = /^https?:/i.test(text) ? text : `https://${text}`;
  return parseUrl(url)?.hostname.replace(/^www\./, '');
}
