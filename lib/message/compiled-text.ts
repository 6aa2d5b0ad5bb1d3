import { CompiledPart } from './compiled-part.js';
import { LinkJudge, type RewritingTools } from './link-rules.js';
import type { AdaptOptions } from './message-options.js';
import { findUrls } from './text-scanner.js';

/**
 * Reads and judges the text part of a mail once. A text has no markup: a URL is its own text, and
 * what it is for stands in front of it.
 *
 * @param text the text part, checked by the caller
 * @param options checked by the caller
 */
export function compileText(
  text: string,
  options: AdaptOptions,
  tools: RewritingTools,
): CompiledPart {
  const judge = new LinkJudge(options, tools);
  const links = findUrls(text).map(({ start, end, url, lead }) => {
    // It is not the lead that a reader clicks on: a host that stands there is not shown for this one.
    const verdict = judge.judge({ value: url, source: url, text: () => ({ text: '', alt: lead }) });
    return { start, end, source: url, ...verdict };
  });
  return new CompiledPart(
    {
      part: 'text',
      content: text,
      bytes: Buffer.byteLength(text),
      links,
      write: (url) => url,
    },
    tools.sealer,
  );
}
