import type { TrackingEvent } from '../event/tracking-event.js';
import type { Links } from '../link/links.js';
import { replaceTexts } from '../util/replace-texts.js';

/**
 * Puts the destination in place of a link of ours that a provider reports as the URL of a click, because it
 * wrapped the link once more: the token in it names the recipient. A link that cannot be read is left out.
 */
export function unwrapOwn(
  event: TrackingEvent,
  { reader, writer }: Pick<Links, 'reader' | 'writer'>,
): void {
  const { clickUrl, source } = event;
  if (source !== 'esp' || clickUrl === null || !writer.owns(clickUrl)) return;
  event.clickUrl = destinationOf(clickUrl, reader);
  event.espEvent = replaceTexts(event.espEvent, new Map([[clickUrl, event.clickUrl]]));
}

function destinationOf(url: string, reader: Links['reader']): string | null {
  try {
    return reader.read(url, 'click', null).trackedUrl;
  } catch {
    return null;
  }
}
