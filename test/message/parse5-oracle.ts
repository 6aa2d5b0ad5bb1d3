import { defaultTreeAdapter, Parser, type Token, Tokenizer, TokenizerMode } from 'parse5';
import type { DefaultTreeAdapterMap } from 'parse5';
import { decodeAttribute } from '../../lib/message/entities.js';
import { HtmlScanner } from '../../lib/message/html-scanner.js';

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

function linkOf(html: string, token: Token.TagToken): Link | undefined {
  const watched = WATCHED[token.tagName];
  if (watched === undefined) return undefined;
  const href = token.attrs.find(({ name }) => name === watched);
  const location = token.location?.attrs?.[watched];
  if (href === undefined || !location || !token.location) return undefined;
  const source = html.slice(location.startOffset, location.endOffset);
  const [, opening = '', quote = ''] =
    /^(?:href|src)([\t\n\f\r ]*=[\t\n\f\r ]*(["']?))?/i.exec(source) ?? [];
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
  const ignore = (): void => undefined;
  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: true },
    {
      onStartTag(token) {
        const link = linkOf(html, token);
        if (link) links.push(link);
        const mode = MODES[token.tagName];
        if (mode !== undefined) tokenizer.state = mode;
      },
      onEndTag: ignore,
      onComment: ignore,
      onDoctype: ignore,
      onEof: ignore,
      onCharacter: ignore,
      onNullCharacter: ignore,
      onWhitespaceCharacter: ignore,
    },
  );
  tokenizer.write(html, true);
  return links;
}

class Recorder extends Parser<DefaultTreeAdapterMap> {
  readonly links: Link[] = [];
  source = '';

  override onStartTag(token: Token.TagToken): void {
    const link = linkOf(this.source, token);
    if (link) this.links.push(link);
    super.onStartTag(token);
  }
}

/** The links as parse5's tokenizer sees them under its whole parser, SVG and MathML included. */
export function parsedLinks(html: string): Link[] {
  const recorder = new Recorder({ sourceCodeLocationInfo: true, scriptingEnabled: false });
  recorder.source = html;
  recorder.tokenizer.write(html, true);
  return recorder.links;
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
