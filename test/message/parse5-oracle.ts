import {
  defaultTreeAdapter,
  html as standard,
  parse,
  Parser,
  type Token,
  Tokenizer,
  TokenizerMode,
} from 'parse5';
import type { DefaultTreeAdapterMap } from 'parse5';
import { decodeAttribute } from '../../lib/message/html/entities.js';
import { findLinks } from '../../lib/message/find-links.js';
import { HtmlScanner } from '../../lib/message/html/html-scanner.js';

/** A link or an image as both sides report it. */
export interface Link {
  tag: string;
  tagStart: number;
  tagEnd: number;
  /** Where the value stands; -1 for `<a href>` and `<a href=>`: parse5 has no place for those. */
  start: number;
  end: number;
  /** `undefined`: not decoded. */
  value: string | undefined;
}

/** The attribute that is compared, for each tag. */
const WATCHED: Record<string, string> = { a: 'href', area: 'href', img: 'src' };

const VML = /^v:(?:arc|curve|group|image|line|oval|polyline|rect|roundrect|shape|shapetype)$/;

const scanner = new HtmlScanner({ a: ['href'], area: ['href'], img: ['src'] });

/** The links as our scanner sees them. */
export function scannedLinks(html: string): Link[] {
  const links: Link[] = [];
  scanner.scan(html, {
    startTag({ name, start, end, attributes: [href] }) {
      if (href === undefined) return;
      const isNowhere = href.start === href.end && href.quote === '';
      links.push({
        tag: name,
        tagStart: start,
        tagEnd: end,
        start: isNowhere ? -1 : href.start,
        end: isNowhere ? -1 : href.end,
        value: decodeAttribute(html.slice(href.start, href.end)),
      });
    },
  });
  return links;
}

function linkOf(
  html: string,
  token: Token.TagToken,
  watched = WATCHED[token.tagName],
): Link | undefined {
  if (watched === undefined) return undefined;
  const href = token.attrs.find(({ name }) => name === watched);
  const location = token.location?.attrs?.[watched];
  if (href === undefined || !location || !token.location) return undefined;
  const source = html.slice(location.startOffset, location.endOffset);
  const [, opening = '', quote = ''] =
    /^(?:xlink:href|href|src)([\t\n\f\r ]*=[\t\n\f\r ]*(["']?))?/i.exec(source) ?? [];
  const isNowhere = href.value === '' && quote === '';
  return {
    tag: token.tagName,
    tagStart: token.location.startOffset,
    tagEnd: token.location.endOffset,
    start: isNowhere ? -1 : location.startOffset + watched.length + opening.length,
    end: isNowhere ? -1 : location.endOffset - quote.length,
    value: href.value,
  };
}

const MODES: Record<string, Tokenizer['state']> = {
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

/** The links as parse5's tokenizer sees them, told about raw text as a browser's parser would. */
export function tokenizedLinks(html: string): Link[] {
  const links: Link[] = [];
  tokenize(html, (token) => {
    const link = linkOf(html, token);
    if (link) links.push(link);
  });
  return links;
}

function tokenize(
  html: string,
  onTag: (token: Token.TagToken) => void,
  onComment: (start: number, end: number) => void = () => undefined,
): void {
  const ignore = (): void => undefined;
  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: true },
    {
      onStartTag(token) {
        onTag(token);
        const mode = MODES[token.tagName];
        if (mode !== undefined) tokenizer.state = mode;
      },
      onEndTag: ignore,
      onComment: ({ location }) => onComment(location!.startOffset, location!.endOffset),
      onDoctype: ignore,
      onEof: ignore,
      onCharacter: ignore,
      onNullCharacter: ignore,
      onWhitespaceCharacter: ignore,
    },
  );
  tokenizer.write(html, true);
}

/** Where a link stands, and where it leads, as both sides report it. */
export interface LinkPlace {
  /** -1 for `<a href>` and `<a href=>`. */
  start: number;
  end: number;
  value: string | undefined;
}

/** The links of a mail as we see them. */
export function foundLinks(html: string): LinkPlace[] {
  return findLinks(html, () => false).links.map(({ start, end, quote, value }) =>
    start === end && quote === '' ? { start: -1, end: -1, value } : { start, end, value },
  );
}

/** The links of a mail as parse5's tokenizer sees them, Outlook's conditional comments included. */
export function mailLinks(html: string): LinkPlace[] {
  const links: LinkPlace[] = [];
  let isForOutlook = false;
  const add = (link: Link | undefined, by = 0): void => {
    if (link === undefined || link.tag === 'img') return;
    const shift = (at: number): number => (at === -1 ? -1 : at + by);
    links.push({ start: shift(link.start), end: shift(link.end), value: link.value });
  };
  tokenize(
    html,
    (token) => {
      if (!VML.test(token.tagName)) add(linkOf(html, token));
      else if (isForOutlook) add(linkOf(html, token, 'href'));
    },
    (start, end) => {
      const comment = html.slice(start, end);
      if (/^<!\[if[^\]>]*\]>/i.test(comment)) isForOutlook = true;
      if (/^<!--\[if[^\]>]*\]>\s*(<!)?--!?>$/i.test(comment)) isForOutlook = true;
      if (/^<!(--\s*<!)?\[endif\]/i.test(comment)) isForOutlook = false;
      const [, opening = '', body] =
        /^(<!--\[if[^\]>]*\]>)(.*)<!\[endif\]\s*--!?>$/is.exec(comment) ?? [];
      if (body === undefined) return;
      tokenize(body, (token) => {
        const watched = VML.test(token.tagName) ? 'href' : undefined;
        add(linkOf(body, token, watched ?? WATCHED[token.tagName]), start + opening.length);
      });
    },
  );
  return links;
}

class Recorder extends Parser<DefaultTreeAdapterMap> {
  readonly links: Link[] = [];
  source = '';
  /** Where the `<a>` of drawings begin. */
  svgLinks = new Set<number>();

  override onStartTag(token: Token.TagToken): void {
    const own = WATCHED[token.tagName];
    const link = own && linkOf(this.source, token, own);
    const drawn = token.tagName === 'a' && linkOf(this.source, token, 'xlink:href');
    const both = [link, drawn && this.svgLinks.has(drawn.tagStart) && drawn].filter((l) => !!l);
    this.links.push(...both.sort((a, b) => a.start - b.start));
    super.onStartTag(token);
  }
}

/** The links as parse5's tokenizer sees them under its whole parser, SVG and MathML included. */
export function parsedLinks(html: string): Link[] {
  const recorder = new Recorder({ sourceCodeLocationInfo: true, scriptingEnabled: false });
  recorder.source = html;
  recorder.svgLinks = svgLinks(html);
  recorder.tokenizer.write(html, true);
  return recorder.links;
}

function svgLinks(html: string): Set<number> {
  const starts = new Set<number>();
  if (!/xlink:href/i.test(html)) return starts;
  const todo: DefaultTreeAdapterMap['node'][] = [
    parse(html, { sourceCodeLocationInfo: true, scriptingEnabled: false }),
  ];
  for (let node = todo.pop(); node; node = todo.pop()) {
    if ('childNodes' in node) todo.push(...node.childNodes);
    if ('content' in node) todo.push(node.content);
    if (!defaultTreeAdapter.isElementNode(node) || node.tagName !== 'a') continue;
    const isDrawn = node.namespaceURI === standard.NS.SVG;
    if (isDrawn && node.sourceCodeLocation) starts.add(node.sourceCodeLocation.startOffset);
  }
  return starts;
}

/** One line per node, in document order: what a mail's reader gets. Texts side by side are one. */
export function outline(
  root: DefaultTreeAdapterMap['parentNode'],
  edit: (node: DefaultTreeAdapterMap['element']) => 'drop' | 'no-href' | 'keep',
): string {
  const lines: string[] = [];
  // A stack of its own: real mails nest deeper than one would think.
  const todo: { node: DefaultTreeAdapterMap['childNode']; depth: number }[] = [];
  const push = (parent: DefaultTreeAdapterMap['parentNode'], depth: number): void => {
    for (const node of [...parent.childNodes].reverse()) todo.push({ node, depth });
  };
  push(root, 0);
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { node, depth } = next;
    if (!defaultTreeAdapter.isElementNode(node)) {
      const content = 'value' in node ? node.value : 'data' in node ? node.data : '';
      const start = `${depth} ${node.nodeName} `;
      const last = lines.length - 1;
      // A pixel between them parts two texts.
      if (node.nodeName === '#text' && lines[last]?.startsWith(start)) lines[last] += content;
      else lines.push(start + content);
      continue;
    }
    const what = edit(node);
    if (what === 'drop') continue;
    const attributes = node.attrs.filter(({ name }) => what === 'keep' || name !== 'href');
    lines.push(`${depth} <${node.tagName} ${JSON.stringify(attributes)}`);
    push(node.tagName === 'template' && 'content' in node ? node.content : node, depth + 1);
  }
  return lines.join('\n');
}
