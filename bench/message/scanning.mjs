// Finding the links of a mail and writing others in their place: with our scanner, and with the
// tokenizers that one would take otherwise.

import { Tokenizer as HtmlTokenizer } from 'htmlparser2';
import { Tokenizer as Parse5Tokenizer, TokenizerMode } from 'parse5';
import { HtmlScanner } from '../../dist/message/html/html-scanner.js';
import { LINK_TAGS } from '../../dist/message/link-collector.js';
import { readMails } from '../mails/corpus.mjs';
import { flat } from './flat.mjs';

/** What every link becomes: as long as a tracking URL is. */
const REPLACEMENT = `https://click.example.com/${'Qx7'.repeat(60)}`;

/**
 * Who finds links, by name: each gives the places of the values that are to be replaced, as a flat
 * list of starts and ends. A value that is empty stays as it is.
 */
export const FINDERS = { ours, htmlparser2, parse5 };

/** The whole work: the mail with all links replaced. */
export function splice(html, places) {
  let result = '';
  let from = 0;
  for (let i = 0; i < places.length; i += 2) {
    result += html.slice(from, places[i]) + REPLACEMENT;
    from = places[i + 1];
  }
  return flat(result + html.slice(from));
}

/** Told the same as in `find-links.ts`, which is more than the others look for. */
const scanner = new HtmlScanner({ ...LINK_TAGS, img: ['src'], body: [], html: [] });

function ours(html) {
  const places = [];
  let landmarks = 0;
  scanner.scan(html, {
    startTag({ name, end, attributes }) {
      if (name === 'body') landmarks += end;
      else if (name === 'a' || name === 'area') {
        for (const attribute of attributes) {
          const { start, end } = attribute;
          if (attribute.name === 'href' && start < end) places.push(start, end);
        }
      }
    },
    endTag(name, start) {
      landmarks += start;
    },
  });
  globalThis.landmarks = landmarks;
  return places;
}

/** Positions by its callbacks; entities are left alone, which is the fastest it does. */
function htmlparser2(html) {
  const places = [];
  let isLink = false;
  let isHref = false;
  let start = -1;
  let end = -1;
  const ignore = () => {};
  const tokenizer = new HtmlTokenizer(
    { xmlMode: false, decodeEntities: false },
    {
      onopentagname(from, to) {
        isLink = isName(html, from, to, 'a') || isName(html, from, to, 'area');
      },
      onattribname(from, to) {
        isHref = isLink && isName(html, from, to, 'href');
        // The first one counts.
        if (isHref) isLink = false;
        start = -1;
      },
      onattribdata(from, to) {
        if (!isHref || from === to) return;
        if (start === -1) start = from;
        end = to;
      },
      onattribend() {
        if (start === -1) return;
        places.push(start, end);
        start = -1;
      },
      onattribentity: ignore,
      oncdata: ignore,
      onclosetag: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onopentagend: ignore,
      onprocessinginstruction: ignore,
      onselfclosingtag: ignore,
      ontext: ignore,
      ontextentity: ignore,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return places;
}

function isName(html, from, to, name) {
  return to - from === name.length && html.slice(from, to).toLowerCase() === name;
}

const PARSE5_STATES = {
  style: TokenizerMode.RAWTEXT,
  xmp: TokenizerMode.RAWTEXT,
  iframe: TokenizerMode.RAWTEXT,
  noembed: TokenizerMode.RAWTEXT,
  noframes: TokenizerMode.RAWTEXT,
  title: TokenizerMode.RCDATA,
  textarea: TokenizerMode.RCDATA,
  script: TokenizerMode.SCRIPT_DATA,
  plaintext: TokenizerMode.PLAINTEXT,
};

function parse5(html) {
  const places = [];
  const ignore = () => {};
  const tokenizer = new Parse5Tokenizer(
    { sourceCodeLocationInfo: true },
    {
      onStartTag({ tagName, location }) {
        if (tagName === 'a' || tagName === 'area') addParse5(html, location.attrs?.href, places);
        // Its parser does this where the tree asks for it.
        else if (tagName in PARSE5_STATES) tokenizer.state = PARSE5_STATES[tagName];
      },
      onEndTag: ignore,
      onCharacter: ignore,
      onWhitespaceCharacter: ignore,
      onNullCharacter: ignore,
      onComment: ignore,
      onDoctype: ignore,
      onEof: ignore,
    },
  );
  tokenizer.write(html, true);
  return places;
}

/** It says where the attribute is, and not where its value is. */
function addParse5(html, location, places) {
  if (location === undefined) return;
  const { startOffset, endOffset } = location;
  const source = html.slice(startOffset, endOffset);
  const [before, quote] = /^[^=]+=\s*(["']?)/.exec(source) ?? [source, ''];
  const [start, end] = [startOffset + before.length, endOffset - quote.length];
  if (start < end) places.push(start, end);
}

/** Each goes through a whole corpus in one call. */
export const candidates = Object.fromEntries(
  ['rendered', 'vectors'].flatMap((corpus) => [
    ...Object.entries(FINDERS).map(([name, find]) => [
      `${name}:${corpus}`,
      () => overAll(readMails(corpus), (html) => splice(html, find(html)).length),
    ]),
    [`scan:${corpus}`, () => overAll(readMails(corpus), (html) => ours(html).length)],
    [`indexOf:${corpus}`, () => overAll(readMails(corpus), countOpenings)],
  ]),
);

/** The least that anyone can do who looks for tags. */
function countOpenings(html) {
  let count = 0;
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at + 1)) count++;
  return count;
}

function overAll(mails, work) {
  return () => {
    let sum = 0;
    for (const html of mails) sum += work(html);
    return sum;
  };
}
