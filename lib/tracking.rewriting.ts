import type { EventPublisher } from './event/event-publisher.js';
import type { PreparedEvent } from './event/tracking-events.js';
import type { LinkPurpose } from './link/link-payload.js';
import type { Links } from './link/links.js';
import type { ResolvedOptions } from './options/tracking.options.js';
import {
  type LinkPlace,
  type RenderedFor,
  type RewritingContext,
  SkipRules,
} from './message/link-rules.js';
import type { RewriteReport } from './message/rewrite-report.js';
import type { UrlRedactor } from './privacy/redact-url.js';
import type { UnsubscribeLinks } from './unsubscribe/unsubscribe-links.js';

/** Gives the rewriting of mails what it needs. */
export function rewritingContext(
  links: Links<ResolvedOptions>,
  unsubscribing: UnsubscribeLinks,
  publisher: EventPublisher,
  redactors: readonly UrlRedactor[],
): RewritingContext {
  return {
    sealer: links.writer,
    unsubscribing,
    skipRules: new SkipRules(links.options),
    hasSecret: (url) => redactors.some((redactor) => redactor.hasSecret(url)),
    placeOf: (url, purpose) => placeOf(url, purpose, links),
    onRendered(rendering, report) {
      const { messageId, recipient } = rendering.recipient;
      if (messageId === undefined && recipient === undefined) return;
      publisher.prepared(toPreparedEvent(rendering, report, links));
    },
  };
}

/** Returns the position in its mail of one of our own links, if it can be read. */
function placeOf(url: string, purpose: LinkPurpose, { reader }: Links): LinkPlace | undefined {
  try {
    const { linkIndex, linkCount } = reader.read(url, purpose, null);
    return { linkIndex: linkIndex ?? undefined, linkCount: linkCount ?? undefined };
  } catch {
    return undefined;
  }
}

function toPreparedEvent(
  { recipient: { messageId, recipient, metadata, tags }, modes }: RenderedFor,
  { links: found, pixel }: RewriteReport,
  { options, writer }: Links,
): PreparedEvent {
  const content = { metadata: { ...options.defaultMetadata, ...metadata }, tags: tags ?? [] };
  const isNamed = modes.opens === 'identified' || modes.clicks === 'identified';
  return {
    messageId: isNamed ? (messageId ?? null) : null,
    recipient: isNamed ? (recipient ?? null) : null,
    ...(isNamed ? { ...content, tags: [...content.tags] } : writer.keptOf(content)),
    counts: {
      links: found.length,
      trackedLinks: found.filter(({ tracked }) => tracked).length,
      pixels: pixel === 'none' ? 0 : 1,
    },
    timestamp: new Date(),
    ...(!isNamed && { mode: 'anonymous' }),
  };
}
