import type { Metadata, PrivacyMode, TrackingResult, TrackingService } from 'nestjs-email-tracking';
import type { StoredMail } from '../mail/sent-mails.js';

/** What the pixel of a mail holds, or links that differ only in where they lead, for whoever has the key. */
export interface Sealed {
  what: 'pixel' | 'links';
  mode: PrivacyMode;
  recipient: string | null;
  messageId: string | null;
  metadata: Metadata;
  /** Where the links lead. */
  urls: string[];
}

/** How a mail was sent: as its sender chose, or less. */
export interface MailContents {
  opens: PrivacyMode;
  clicks: PrivacyMode;
  sealed: Sealed[];
  /** Pixels and links that the keys of today do not read. */
  unreadable: number;
}

/** Reads the pixel and the tracked links of a mail. */
export function contentsOf(mail: StoredMail, tracking: TrackingService): MailContents {
  const links = mail.links.map(({ trackingUrl = '' }) =>
    read(() => tracking.getClickTrackingResult(trackingUrl)),
  );
  const { pixelUrl } = mail;
  const pixel = pixelUrl === null ? [] : [read(() => tracking.getOpenTrackingResult(pixelUrl))];
  const [pixels, groups] = [groupsOf('pixel', pixel), groupsOf('links', links)];
  return {
    opens: pixels[0]?.mode ?? 'off',
    clicks: groups[0]?.mode ?? 'off',
    sealed: [...pixels, ...groups],
    unreadable: [...pixel, ...links].filter((result) => result === null).length,
  };
}

/** Links with the same content are one entry: most mails have many of them. */
function groupsOf(what: Sealed['what'], results: (TrackingResult | null)[]): Sealed[] {
  const groups = new Map<string, Sealed>();
  for (const result of results) {
    if (result === null) continue;
    const { mode = 'identified', recipient, messageId, metadata, trackedUrl } = result;
    const content: Sealed = { what, mode, recipient, messageId, metadata, urls: [] };
    const key = JSON.stringify(content);
    const group = groups.get(key) ?? content;
    if (trackedUrl !== null) group.urls.push(trackedUrl);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function read(link: () => TrackingResult): TrackingResult | null {
  try {
    return link();
  } catch {
    // Sealed with a key that is gone.
    return null;
  }
}
