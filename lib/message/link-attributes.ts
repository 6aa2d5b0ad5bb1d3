import { decodeAttribute } from './html/entities.js';
import type { Range } from './html/conditional-comment.js';
import type { WantedAttribute } from './html/html-scanner.js';
import type { SkipReason } from './rewrite-report.js';
import type { ScannedAttribute } from './html/tag-reader.js';

// For us alone, so they do not stay in the mail.
const NO_TRACK = 'data-no-track';
const NO_UTM = 'data-no-utm';
const LABEL = 'data-track-label';
const LEAVING = 'data-unsubscribe';

/**
 * What providers take for "leave this link alone". Whoever wrote it means us, too; it stays in the
 * mail, because the provider reads it when the mail is sent.
 */
const PROVIDER_OPT_OUTS: Record<string, (value: string) => boolean> = {
  // SendGrid, "Click tracking": <a clicktracking="off">
  clicktracking: (value) => value.toLowerCase() === 'off',
  // Mailgun, "Tracking clicks": <a disable-tracking=true>
  'disable-tracking': (value) => value.toLowerCase() !== 'false',
  // Amazon SES, "Metrics FAQ": <a ses:no-track>
  'ses:no-track': () => true,
  // Postmark, "Link tracking": <a data-pm-no-track>
  'data-pm-no-track': () => true,
  // SparkPost, "Disabling click tracking on individual links": <a data-msys-clicktrack="0">
  'data-msys-clicktrack': (value) => value === '0',
  // Mailchimp, "Disable click tracking for a link": <a mc:disable-tracking>
  'mc:disable-tracking': () => true,
};

/** With this SparkPost knows a link that ends a subscription. */
const UNSUBSCRIBE = 'data-msys-unsubscribe';

/** What says what a link is for, beside its content. */
const PURPOSES: ReadonlySet<string> = new Set(['title', 'aria-label', 'rel']);

/** Every attribute with which an author says something about a link. */
export const LINK_ATTRIBUTES: readonly WantedAttribute[] = [
  `${NO_TRACK}*`,
  `${NO_UTM}*`,
  `${LABEL}*`,
  `${LEAVING}*`,
  ...Object.keys(PROVIDER_OPT_OUTS),
  UNSUBSCRIBE,
  ...PURPOSES,
];

/** What the author of a mail says about a link. */
export interface AuthorsWish {
  readonly optOut?: SkipReason;
  readonly isWithoutUtm?: boolean;
  readonly isLeaving?: boolean;
  readonly label?: string;
  /** What its `title`, `aria-label` and `rel` say, each in a line. */
  readonly purpose?: string;
  readonly cuts: readonly Range[];
}

const NOTHING: AuthorsWish = { cuts: [] };

export function readWish(html: string, attributes: readonly ScannedAttribute[]): AuthorsWish {
  // Nearly every link has its URL and nothing else.
  if (attributes.length === 1 && attributes[0]!.name === 'href') return NOTHING;
  let optOut: SkipReason | undefined;
  let isWithoutUtm = false;
  let isLeaving = false;
  let label: string | undefined;
  let purpose = '';
  const cuts: Range[] = [];
  for (const attribute of attributes) {
    const { name, start, end } = attribute;
    if (OURS.has(name)) cuts.push(wholeAttribute(html, attribute));
    if (name === NO_TRACK) optOut = 'no-track';
    else if (name === NO_UTM) isWithoutUtm = true;
    else if (name === LEAVING) isLeaving = true;
    else if (name === UNSUBSCRIBE) purpose += 'unsubscribe\n';
    else if (PURPOSES.has(name)) purpose += `${valueOf(html.slice(start, end))}\n`;
    else if (name === LABEL) label ??= valueOf(html.slice(start, end));
    else if (PROVIDER_OPT_OUTS[name]?.(valueOf(html.slice(start, end)))) {
      optOut ??= 'provider-opt-out';
    }
  }
  return {
    cuts,
    ...(optOut && { optOut }),
    ...(isWithoutUtm && { isWithoutUtm }),
    ...(isLeaving && { isLeaving }),
    ...(label && { label }),
    ...(purpose && { purpose }),
  };
}

const OURS: ReadonlySet<string> = new Set([NO_TRACK, NO_UTM, LABEL, LEAVING]);

function valueOf(source: string): string {
  return (decodeAttribute(source) ?? source).trim();
}

/** With the white space in front of it, but for what must stay between its neighbours. */
function wholeAttribute(html: string, { nameStart, end, quote }: ScannedAttribute): Range {
  const to = quote === '' ? end : end + 1;
  let start = nameStart;
  while (/[\t\n\f\r ]/.test(html.charAt(start - 1))) start--;
  // `<a href=x data-no-track/>`, `<a data-no-track=""href=x>`: what follows would join what comes
  // before.
  if (start < nameStart && !/[\t\n\f\r >]/.test(html.charAt(to))) start++;
  return { start, end: to };
}

/**
 * What the author of a text says about a URL, directly behind it: `https://…[[data-no-track]]`. The
 * form is SparkPost's (`[[data-msys-clicktrack="0"]]`), the names are those of the attributes in
 * HTML.
 */
const MARK =
  /\[\[(data-no-track|data-no-utm|data-track-label|data-msys-clicktrack)\s*(?:[:=]\s*([^[\]\r\n]{0,200}))?\]\]/y;

/** How a mark begins: a URL ends before it. */
export const MARK_START = '[[data-';

/** @param at behind a URL and the punctuation after it */
export function readMarks(text: string, at: number): AuthorsWish {
  let wish: Omit<AuthorsWish, 'cuts'> = {};
  const cuts: Range[] = [];
  MARK.lastIndex = at;
  for (let match = MARK.exec(text); match !== null; match = MARK.exec(text)) {
    const [mark, name, given] = match;
    const value = (given ?? '').trim().replace(/^"(.*)"$|^'(.*)'$/, '$1$2');
    if (OURS.has(name!)) cuts.push({ start: match.index, end: match.index + mark.length });
    if (name === NO_TRACK) wish = { ...wish, optOut: 'no-track' };
    else if (name === NO_UTM) wish = { ...wish, isWithoutUtm: true };
    else if (name === LABEL) wish = value === '' ? wish : { label: value, ...wish };
    else if (value === '0') wish = { optOut: 'provider-opt-out', ...wish };
  }
  return { ...wish, cuts };
}
