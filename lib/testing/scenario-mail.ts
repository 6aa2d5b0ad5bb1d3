import { randomUUID } from 'node:crypto';
import {
  type PrivacyModes,
  TrackingError,
  type TrackingOverrides,
  type TrackingService,
} from '../index.js';
import { DEFAULT_LINKS, type ScenarioMail } from './scenario.js';

/** The member of `metadata` that tells events of a play, whatever else is taken off them. */
export const PLAY_KEY = 'scenario_play';

export interface WrittenMail {
  /** The value of {@link PLAY_KEY}. */
  play: string;
  messageId: string | null;
  recipient: string | null;
  pixel: URL;
  links: URL[];
  unsubscribeLink: URL | null;
}

export interface MailSettings {
  /** Where links lead: an absolute URL that ends with a slash. */
  linkBase: string;
  overrides: TrackingOverrides;
}

/** The ids of a mail, which no other play has. */
export type MailIds = Pick<WrittenMail, 'play' | 'messageId' | 'recipient'>;

export function makeIds({ withoutMessageId, withoutRecipient }: ScenarioMail): MailIds {
  const play = randomUUID();
  const messageId = withoutMessageId ? null : `<${play}@scenarios.example.com>`;
  return { play, messageId, recipient: withoutRecipient ? null : `reader-${play}@example.com` };
}

/**
 * Writes a mail through the app's own service.
 *
 * @param privacy the modes to write it with
 */
export function writeMail(
  tracking: TrackingService,
  { play, messageId, recipient }: MailIds,
  { links = DEFAULT_LINKS, unsubscribeLink = false }: ScenarioMail,
  { linkBase, overrides }: MailSettings,
  privacy?: PrivacyModes,
): WrittenMail {
  const { html = '', report } = tracking.adaptMessage(
    {
      html: htmlOf(linkBase, links, unsubscribeLink),
      metadata: { [PLAY_KEY]: play },
      ...(messageId !== null && { messageId }),
      ...(recipient !== null && { recipient }),
      ...(privacy && { privacy }),
    },
    { ...overrides, ...(unsubscribeLink && { trackUnsubscribeLinks: true }) },
  );
  const urls = report.links.map(({ trackingUrl, reason }) => {
    if (trackingUrl !== undefined) return new URL(trackingUrl);
    throw untracked(reason);
  });
  const pixel = /<img[^>]* src="([^"]+)"/.exec(html)?.[1];
  if (pixel === undefined) throw untracked('no pixel was written');
  return {
    play,
    messageId,
    recipient,
    pixel: new URL(pixel.replaceAll('&amp;', '&')),
    links: urls.slice(0, links),
    unsubscribeLink: urls[links] ?? null,
  };
}

function htmlOf(linkBase: string, links: number, unsubscribeLink: boolean): string {
  const rows = Array.from(
    { length: links },
    (_, i) => `<tr><td><a href="${linkBase}offers/${i + 1}">Offer ${i + 1}</a></td></tr>`,
  );
  const footer = unsubscribeLink ? `<p><a href="${linkBase}unsubscribe">Unsubscribe</a></p>` : '';
  return (
    '<!doctype html><html><head><title>Offers</title></head><body>' +
    `<table>${rows.join('')}</table>${footer}</body></html>`
  );
}

function untracked(reason: string | undefined): TrackingError {
  const remedy =
    reason === 'refused-by-policy'
      ? 'Name a host that its options allow and track: ' +
        "TrackingScenarios.for(app, { clock, linkBase: 'https://www.your-host.com/' })."
      : 'Look at its options, and at the overrides that you gave.';
  return new TrackingError(
    'INVALID_OPTIONS',
    `The app does not track the mail of a scenario (${reason ?? 'no reason'}). ${remedy}`,
  );
}
