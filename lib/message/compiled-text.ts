import { type CompiledLink, CompiledPart } from './compiled-part.js';
import type { Range } from './html/conditional-comment.js';
import { LinkJudge, type RewritingTools } from './link-rules.js';
import type { AdaptOptions } from './message-options.js';
import { readMarks } from './text-marks.js';
import { UrlFinder } from './text-scanner.js';

/** A text part whose links were judged. */
export interface JudgedText {
  readonly text: string;
  readonly links: readonly CompiledLink[];
  /** What is to be taken out of the text: marks that were meant for us. */
  readonly cuts: readonly Range[];
}

/**
 * Finds the links of a text part and decides about them. A text has no markup: what a URL is for
 * is in front of it.
 *
 * @param text the text part, checked by the caller
 * @param options checked by the caller
 */
export function judgeText(text: string, options: AdaptOptions, tools: RewritingTools): JudgedText {
  const judge = new LinkJudge(options, tools);
  const finder = new UrlFinder(['http', 'https', ...(tools.skipRules?.furtherSchemes ?? [])]);
  const cuts: Range[] = [];
  const links = finder.find(text).map(({ start, end, url, outer, lead }): CompiledLink => {
    const marks = readMarks(text, start + outer.length);
    cuts.push(...marks.cuts);
    const { optOut, isWithoutUtm, label } = marks;
    const candidate = { value: url, source: url, outer, optOut, isWithoutUtm, label };
    // It is not the lead that a reader clicks on: a host that is there is not shown for this one.
    const verdict = judge.judge({
      ...candidate,
      text: () => ({ text: '', alt: '', around: lead }),
    });
    return { start, end, source: url, outer, label, ...verdict };
  });
  return { text, links, cuts };
}

/** Makes a text part ready to be rendered. */
export function compileText(
  { text, links, cuts }: JudgedText,
  tools: RewritingTools,
): CompiledPart {
  return new CompiledPart(
    {
      part: 'text',
      content: text,
      bytes: Buffer.byteLength(text),
      links,
      write: (url) => url,
      cuts,
    },
    tools.sealer,
  );
}
