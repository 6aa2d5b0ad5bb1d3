import type { EventPublisher } from './event/event-publisher.js';
import { type PreparedEvent, TRACKING_PREPARED } from './event/tracking-events.js';
import type { LinkPurpose } from './link/link-payload.js';
import type { LinkSettings } from './link/link-settings.js';
import type { LinkPlace, RewritingTools } from './message/link-rules.js';
import type { MessageRecipient } from './message/message-options.js';
import type { RewriteReport } from './message/rewrite-report.js';
import { SkipRules } from './message/skip-rules.js';

/** What the rewriting of mails needs of the other rooms. */
export function rewritingTools(settings: LinkSettings, publisher: EventPublisher): RewritingTools {
  return {
    sealer: settings.writer,
    skipRules: new SkipRules(settings.options),
    placeOf: (url, purpose) => placeOf(url, purpose, settings),
    onRendered(recipient, report) {
      if (recipient.messageId === undefined && recipient.recipient === undefined) return;
      publisher.emit(TRACKING_PREPARED, toPreparedEvent(recipient, report, settings));
    },
  };
}

/** What one of our own links says of its place, if it can still be read. */
function placeOf(
  url: string,
  purpose: LinkPurpose,
  { reader }: LinkSettings,
): LinkPlace | undefined {
  try {
    const { linkIndex, linkCount } = reader.read(url, purpose, null);
    return { linkIndex: linkIndex ?? undefined, linkCount: linkCount ?? undefined };
  } catch {
    return undefined;
  }
}

function toPreparedEvent(
  { messageId, recipient, metadata, tags }: MessageRecipient,
  { links, pixel }: RewriteReport,
  { options }: LinkSettings,
): PreparedEvent {
  return {
    messageId: messageId ?? null,
    recipient: recipient ?? null,
    metadata: { ...options.defaultMetadata, ...metadata },
    tags: [...(tags ?? [])],
    counts: {
      links: links.length,
      trackedLinks: links.filter(({ tracked }) => tracked).length,
      pixels: pixel === 'none' ? 0 : 1,
    },
    timestamp: new Date(),
  };
}
