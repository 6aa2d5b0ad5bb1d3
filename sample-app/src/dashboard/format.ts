import type { Verdict } from 'nestjs-email-tracking';
import type { ReaderClass } from 'nestjs-email-tracking/stats';
import { escapeHtml } from '../web/escape-html.js';
import { readerClassOf } from '../words.js';

const whole = new Intl.NumberFormat('en');
const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const second = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const minute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const calendar = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** The smallest and the largest share that are shown as numbers other than 0 and 100 %. */
const [LEAST, MOST] = [0.001, 0.999];

export const number = (count: number): string => whole.format(count);
export const plural = (count: number, noun: string): string =>
  `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

/** A share in percent. None is rounded to 0 or 100 %, and an unknown one is not 0. */
export function percent(rate: number | null): string {
  if (rate === null) return '–';
  if (rate > 0 && rate < LEAST) return `<${share.format(LEAST)}`;
  if (rate < 1 && rate > MOST) return `>${share.format(MOST)}`;
  return share.format(rate);
}

/** A time as an element, to the second. */
export const time = (at: Date): string =>
  `<time datetime="${at.toISOString()}">${second.format(at)}</time>`;

/** A time that scripts turn into "5 minutes ago"; the whole time stays its title. */
export const ago = (at: Date): string =>
  `<time datetime="${at.toISOString()}" title="${second.format(at)}" data-ago>${minute.format(at)}</time>`;

/** The day of a time that is only known roughly: scripts turn it into "2 days ago". */
export function day(at: Date): string {
  const [month, date] = [at.getMonth() + 1, at.getDate()].map((part) =>
    String(part).padStart(2, '0'),
  );
  const words = calendar.format(at);
  return `<time datetime="${at.getFullYear()}-${month}-${date}" title="${words}" data-ago>${words}</time>`;
}

export const messagePath = (messageId: string): string =>
  `/messages/${encodeURIComponent(messageId)}`;
export const recipientPath = (recipient: string): string =>
  `/recipients/${encodeURIComponent(recipient)}`;
export const campaignPath = (campaign: string): string =>
  `/campaigns/${encodeURIComponent(campaign)}`;

/** What classes of readers are coloured by. */
export const COLOURS: Readonly<Record<ReaderClass, string>> = {
  people: 'people',
  unknown: 'unknown',
  privacyProxies: 'proxy',
  machines: 'machine',
};

/** What an entry is coloured by. */
export const colourOf = (verdict: Verdict | null): string =>
  verdict ? COLOURS[readerClassOf(verdict)] : 'none';

export { escapeHtml as text };
