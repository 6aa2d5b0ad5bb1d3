import { ForeignContent } from './foreign-content.js';
import { endOfComment, endOfRawText, endOfScript } from './raw-content.js';
import { NameTable } from './name-table.js';
import {
  endOfTagName,
  isLetter,
  type ScannedAttribute,
  type SoughtAttribute,
  TagReader,
} from './tag-reader.js';

/** A start tag that was asked for, with those of its attributes that were asked for. */
export interface ScannedTag {
  /** In lower case. */
  readonly name: string;
  /** From its `<` to behind its `>`. */
  readonly start: number;
  readonly end: number;
  /** In their order. Each name at most once, since the first one counts, unless it is repeatable. */
  readonly attributes: readonly ScannedAttribute[];
  /** Whether it is an element of SVG or MathML. */
  readonly isForeign: boolean;
}

/** Is called for what the scanner finds, in the order of the text. */
export interface MarkupVisitor {
  startTag(tag: ScannedTag): void;
  endTag?(name: string, start: number, end: number): void;
  /** Comments of all kinds, doctypes and CDATA sections. */
  comment?(start: number, end: number): void;
}

/** The name of an attribute in lower case; with a `*` behind it, all attributes of that name. */
export type WantedAttribute = string;

/** For each tag name, in lower case, the attributes that matter: at most 31. */
export type WantedTags = Readonly<Record<string, readonly WantedAttribute[]>>;

/** What the scanner knows about a tag name: nothing at all for the most of them. */
interface TagRule {
  readonly name: string;
  readonly isWanted: boolean;
  readonly attributes: NameTable<SoughtAttribute> | undefined;
  readonly content: 'markup' | 'raw' | 'script' | 'plaintext';
}

const RAW = ['style', 'xmp', 'iframe', 'noembed', 'noframes', 'title', 'textarea'];

const GREATER = 62;
const SLASH = 47;
const BANG = 33;
const QUESTION = 63;

/**
 * Finds tags in HTML as a browser would, by the states of the WHATWG tokenizer that matter here,
 * and never builds a token: positions are all that an edit needs. Takes time in proportion to the
 * input, whatever the input is: it hops from one delimiter to the next and never looks back.
 *
 * `noscript` is markup, since mail clients run no scripts. One scanner can be used for any number
 * of texts; to scan a part of a text, hand in a slice and add its offset.
 */
export class HtmlScanner {
  readonly #rules: NameTable<TagRule>;

  /** @param wanted the tags to report; no other tag costs more than its length */
  constructor(wanted: WantedTags) {
    const names = new Set([...Object.keys(wanted), ...RAW, 'script', 'plaintext', 'svg', 'math']);
    this.#rules = new NameTable([...names].map((name) => [name, ruleFor(name, wanted[name])]));
  }

  /**
   * Walks through `html` once.
   *
   * @returns where a construct begins that the text leaves unfinished (an unclosed tag, comment or
   * raw text: whatever is put behind it becomes a part of it), or the length of the text
   */
  scan(html: string, visitor: MarkupVisitor): number {
    return new Walk(html, this.#rules, visitor).run();
  }
}

function ruleFor(name: string, attributes: readonly WantedAttribute[] | undefined): TagRule {
  let content: TagRule['content'] = 'markup';
  if (RAW.includes(name)) content = 'raw';
  else if (name === 'script' || name === 'plaintext') content = name;
  return {
    name,
    isWanted: attributes !== undefined,
    attributes: attributes?.length ? new NameTable(attributes.map(toSought)) : undefined,
    content,
  };
}

function toSought(wanted: WantedAttribute, i: number): [string, SoughtAttribute] {
  const isRepeatable = wanted.endsWith('*');
  const name = isRepeatable ? wanted.slice(0, -1) : wanted;
  return [name, { name, bit: 1 << i, isRepeatable }];
}

/** One way through one text. Every step returns where to go on, or -1 at an unfinished construct. */
class Walk {
  readonly #html: string;
  readonly #rules: NameTable<TagRule>;
  readonly #visitor: MarkupVisitor;
  readonly #foreign = new ForeignContent();
  readonly #tags: TagReader;

  constructor(html: string, rules: NameTable<TagRule>, visitor: MarkupVisitor) {
    this.#html = html;
    this.#rules = rules;
    this.#visitor = visitor;
    this.#tags = new TagReader(html);
  }

  run(): number {
    const html = this.#html;
    for (let at = html.indexOf('<'); at !== -1;) {
      const next = this.#markup(at);
      if (next === -1) return at;
      at = html.indexOf('<', next);
    }
    return html.length;
  }

  #markup(start: number): number {
    const code = this.#html.charCodeAt(start + 1);
    if (isLetter(code)) return this.#startTag(start);
    if (code === SLASH) {
      const first = this.#html.charCodeAt(start + 2);
      if (isLetter(first)) return this.#endTag(start);
      return first === GREATER ? start + 3 : this.#comment(start, this.#past('>', start + 2));
    }
    if (code === BANG) return this.#declaration(start);
    if (code === QUESTION) return this.#comment(start, this.#past('>', start + 2));
    return start + 1;
  }

  #declaration(start: number): number {
    const html = this.#html;
    if (html.startsWith('--', start + 2)) {
      return this.#comment(start, endOfComment(html, start + 4));
    }
    if (this.#foreign.isActive && html.startsWith('[CDATA[', start + 2)) {
      return this.#comment(start, this.#past(']]>', start + 9));
    }
    // A doctype, too, ends at the first `>`, even inside its quotes.
    return this.#comment(start, this.#past('>', start + 2));
  }

  #comment(start: number, end: number): number {
    if (end !== -1) this.#visitor.comment?.(start, end);
    return end;
  }

  #endTag(start: number): number {
    const html = this.#html;
    const nameEnd = endOfTagName(html, start + 3);
    const end = this.#tags.skip(nameEnd);
    if (end === -1) return -1;
    if (this.#foreign.isOpen) this.#foreign.endTag(html.slice(start + 2, nameEnd).toLowerCase());
    const rule = this.#rules.find(html, start + 2, nameEnd);
    if (rule?.isWanted) this.#visitor.endTag?.(rule.name, start, end);
    return end;
  }

  #startTag(start: number): number {
    const html = this.#html;
    const nameEnd = endOfTagName(html, start + 2);
    const rule = this.#rules.find(html, start + 1, nameEnd);
    const found: ScannedAttribute[] | undefined = rule?.attributes && [];
    const end = this.#tags.skip(nameEnd, rule?.attributes, found);
    if (end === -1) return -1;
    if (rule?.isWanted) {
      const { isActive: isForeign } = this.#foreign;
      this.#visitor.startTag({ name: rule.name, start, end, attributes: found ?? [], isForeign });
    }
    const content = this.#contentOf(rule, start + 1, nameEnd);
    if (content === 'markup' || rule === undefined) return end;
    if (content === 'plaintext') return -1;
    const close = content === 'raw' ? endOfRawText(html, end, rule.name) : endOfScript(html, end);
    return close === -1 ? -1 : this.#closeRaw(rule, close);
  }

  /** What follows a start tag; keeps book about SVG and MathML, where no element is special. */
  #contentOf(rule: TagRule | undefined, nameStart: number, nameEnd: number): TagRule['content'] {
    if (this.#foreign.isOpen || rule?.name === 'svg' || rule?.name === 'math') {
      const isSelfClosing = this.#tags.isSelfClosing;
      const wasActive = this.#foreign.isActive;
      const name = this.#html.slice(nameStart, nameEnd).toLowerCase();
      this.#foreign.startTag(name, isSelfClosing);
      if (wasActive) return 'markup';
    }
    return rule?.content ?? 'markup';
  }

  /** The end tag of raw text is an ordinary one, except that SVG has no part in it. */
  #closeRaw(rule: TagRule, start: number): number {
    const end = this.#tags.skip(start + 2 + rule.name.length);
    if (end !== -1 && rule.isWanted) this.#visitor.endTag?.(rule.name, start, end);
    return end;
  }

  #past(delimiter: string, from: number): number {
    const at = this.#html.indexOf(delimiter, from);
    return at === -1 ? -1 : at + delimiter.length;
  }
}
