/** Inside of these an SVG or MathML element holds HTML again. */
const INTEGRATION_POINTS: Record<'svg' | 'math', ReadonlySet<string>> = {
  svg: new Set(['foreignobject', 'desc', 'title']),
  math: new Set(['mi', 'mo', 'mn', 'ms', 'mtext']),
};

/** HTML that cannot stand in SVG: a browser closes the drawing instead (WHATWG 13.2.6.5). */
const BREAKOUT = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img ' +
    'li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var'
  ).split(' '),
);

/** End tags that can only belong to an element around the drawing, and so close it, too. */
const OUTER_END = new Set([...BREAKOUT, ...'html td th tr tbody thead tfoot caption'.split(' ')]);

/**
 * Whether the scanner is in SVG or MathML, where `<title>` and `<style>` hold markup, `<style/>` is
 * complete, and `<![CDATA[` means something. A browser knows from its tree; this keeps the few
 * elements that matter, which is exact for drawings that are closed as they were opened.
 */
export class ForeignContent {
  /** Roots and integration points that are open, outermost first. */
  readonly #open: string[] = [];
  /** How many of each name are open, so that a stray end tag costs no search. */
  readonly #counts = new Map<string, number>();
  /** How many elements of a drawing are called `template`, which means nothing there. */
  #templates = 0;

  /** Whether anything is open at all. As long as nothing is, no other tag needs to be told. */
  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Whether the next tag is directly in SVG or MathML. */
  get isActive(): boolean {
    const last = this.#open.at(-1);
    return last === 'svg' || last === 'math';
  }

  /** @param name the tag's name in lower case */
  startTag(name: string, isSelfClosing: boolean): void {
    if (this.isActive && BREAKOUT.has(name)) this.#leave();
    if (isSelfClosing) return;
    if (name === 'template' && this.isActive) this.#templates++;
    const last = this.#open.at(-1);
    const isPoint = (last === 'svg' || last === 'math') && INTEGRATION_POINTS[last].has(name);
    if (name !== 'svg' && name !== 'math' && !isPoint) return;
    this.#open.push(name);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  endTag(name: string): void {
    if (this.#open.at(-1) === name) this.#pop();
    else if (this.isActive && this.#counts.get(name)) while (this.#pop() !== name);
    else if (this.isActive && (OUTER_END.has(name) || this.#endsOuterTemplate(name))) this.#leave();
  }

  #endsOuterTemplate(name: string): boolean {
    return name === 'template' && --this.#templates < 0;
  }

  /** Closes the drawing that is open here; one around an integration point stays. */
  #leave(): void {
    this.#templates = 0;
    while (this.isActive) this.#pop();
  }

  #pop(): string | undefined {
    const name = this.#open.pop();
    if (name !== undefined) this.#counts.set(name, (this.#counts.get(name) ?? 0) - 1);
    return name;
  }
}
