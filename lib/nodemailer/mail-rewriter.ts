import {
  type AdaptedMessage,
  type AdaptOptions,
  narrowest,
  type PrivacyModes,
  type RewriteReport,
  TrackingError,
} from '../index.js';
import { modesOfMail, type Whom } from './consent-step.js';
import type { MailData } from './mail-data.js';
import {
  headerValues,
  isDeclaredOtherwise,
  listUnsubscribeOf,
  type XTrack,
} from './mail-headers.js';
import { givenMessageId, makeMessageId, singleRecipient } from './mail-identity.js';
import { MailPart, type PartName, type PartReader } from './mail-part.js';
import { reasonAgainst } from './never-rewritten.js';
import type { MailOptions, MailTracker } from './plugin-options.js';
import type { NotTrackedReason } from './tracking-outcome.js';

const PARTS = ['html', 'text', 'amp'] as const satisfies PartName[];

/** Rewrites one mail. If that fails, or must not be done, the mail stays as it was given. */
export class MailRewriter {
  /** @param most what the mails of this transporter may record at most */
  constructor(
    private readonly tracker: MailTracker,
    private readonly most: PrivacyModes | undefined,
  ) {}

  /** @throws whatever reading or rewriting throws; the mail is as it was given then */
  async rewrite(
    data: MailData,
    options: MailOptions,
    xTrack: XTrack,
    whom: Whom,
    reader: PartReader,
  ): Promise<Rewritten> {
    const switches = {
      openTracking: options.openTracking !== false && xTrack.opens,
      clickTracking: options.clickTracking !== false && xTrack.clicks,
    };
    const never = reasonAgainst(data);
    if (never !== undefined) return { reason: never };
    const off = reasonBySwitches(xTrack, switches);
    // A reader may leave a list also where nothing is tracked.
    if (off !== undefined && options.unsubscribe === undefined) return { reason: off };
    const done = await this.rewriteParts(data, options, switches, whom, reader);
    const isSigned = done.report === undefined && done.reason === 'signed';
    return off === undefined || isSigned ? done : { reason: off };
  }

  private async rewriteParts(
    data: MailData,
    options: MailOptions,
    switches: Switches,
    whom: Whom,
    reader: PartReader,
  ): Promise<Rewritten> {
    if (isDeclaredOtherwise(headerValues(data.headers, 'content-type'))) {
      return { reason: 'not-utf8' };
    }
    const [html, text, amp] = PARTS.map((name) => new MailPart(data, name)) as MailParts;
    const parts = [html, text, amp];
    const isOff = !switches.openTracking && !switches.clickTracking;
    const isOfList = options.unsubscribe !== undefined;
    const wantsText = switches.clickTracking && options.textTracking === true;
    if (html.isAbsent && (text.isAbsent || !(wantsText || isOfList))) {
      return { reason: 'no-content' };
    }
    const refusal = parts
      .map((part) => part.refusal(reader.access))
      .find((reason) => reason !== undefined);
    if (refusal !== undefined) return { reason: refusal };

    const rewritten = new Set<MailPart>();
    try {
      for (const part of parts) {
        const reason = await part.load(reader);
        if (reason !== undefined) return { reason };
      }
      const isEmpty = html.text === '' && (text.text === '' || !wantsText);
      const concernsList = isOfList && parts.some((part) => CONCERNS_LIST.test(part.text));
      if ((isEmpty || isOff) && !concernsList) return { reason: 'no-content' };
      if (this.isProtected(parts)) return { reason: 'signed' };
      if (isEmpty) return { reason: 'no-content' };

      const known = options.messageId ?? givenMessageId(data);
      const messageId = known ?? makeMessageId(data);
      const tracker = trackerFor(this.tracker, options.overrides);
      const privacy = await this.modesOf(tracker, options, messageId, whom);
      const given = { ...options, messageId, privacy };
      const adapted = adapt(tracker, data, given, switches, whom.only, parts);
      for (const part of [html, text] as const) {
        const after = adapted[part.name];
        if (after === undefined || after === part.text) continue;
        part.replace(after);
        rewritten.add(part);
      }
      if (known === null) data.messageId = messageId;
      return { report: adapted.report, messageId, privacy };
    } finally {
      for (const part of parts) if (!rewritten.has(part)) part.keep();
    }
  }

  private async modesOf(
    tracker: MailTracker,
    options: MailOptions,
    messageId: string,
    { find }: Whom,
  ): Promise<Required<PrivacyModes>> {
    return narrowest([this.most, await modesOfMail(tracker, options, messageId, find)]);
  }

  /** Whether a part holds PGP, so that nothing may be changed. */
  private isProtected(parts: readonly MailPart[]): boolean {
    if (!parts.some(({ text }) => text.includes('BEGIN PGP '))) return false;
    const mail = { ...textsOf(parts), clickTracking: false, openTracking: false };
    const { warnings } = this.tracker.adaptMessage(mail).report;
    return warnings.some(({ code }) => code === 'SIGNED_OR_ENCRYPTED');
  }
}

function adapt(
  tracker: MailTracker,
  data: MailData,
  { overrides: _overrides, requireUnsubscribe: _required, ...given }: MailOptions,
  switches: Switches,
  whom: string | undefined,
  parts: readonly MailPart[],
): AdaptedMessage {
  return tracker.adaptMessage({
    ...given,
    ...switchedOff(switches),
    ...textsOf(parts),
    ...recipientOf(data, given, tracker, whom),
    ...unsubscribeOf(data, given),
  });
}

/** What concerns a mail of a list that is not tracked: links to leave it, and messages in PGP. */
const CONCERNS_LIST = /data-unsubscribe|BEGIN PGP /i;

/** @throws TrackingError `INVALID_OPTIONS` for overrides that are wrong, or have no effect */
export function trackerFor(
  tracking: MailTracker,
  overrides: MailOptions['overrides'],
): MailTracker {
  if (overrides === undefined) return tracking;
  if (tracking.with) return tracking.with(overrides);
  throw new TrackingError(
    'INVALID_OPTIONS',
    'overrides: the plugin was made with a Tracker, which has its own. Give trackingPlugin() the ' +
      'TrackingService instead, or leave the overrides out.',
  );
}

/** Where others can read the links, an address goes into them only if the caller says so. */
function recipientOf(
  data: MailData,
  options: MailOptions,
  tracker: MailTracker,
  whom: string | undefined,
): Pick<AdaptOptions, 'recipient'> {
  if (options.recipient !== undefined || !tracker.isSealed()) return {};
  const recipient = singleRecipient(data) ?? whom;
  return recipient === undefined ? {} : { recipient };
}

/** The report of a mail that was rewritten, or why it was not. */
type Rewritten =
  | { reason: NotTrackedReason; report?: undefined }
  | { report: RewriteReport; messageId: string; privacy: Required<PrivacyModes> };

type MailParts = [html: MailPart<'html'>, text: MailPart<'text'>, amp: MailPart<'amp'>];

interface Switches {
  openTracking: boolean;
  clickTracking: boolean;
}

function reasonBySwitches(xTrack: XTrack, switches: Switches): NotTrackedReason | undefined {
  if (switches.openTracking || switches.clickTracking) return undefined;
  return xTrack.opens && xTrack.clicks ? 'off' : 'x-track';
}

/** Only what is off: what is in the options is left for the service to check. */
function switchedOff(switches: Switches): Partial<Switches> {
  const off = Object.entries(switches).filter(([, isOn]) => !isOn);
  return Object.fromEntries(off);
}

function textsOf(parts: readonly MailPart[]): Partial<Record<PartName, string>> {
  const present = parts.filter(({ text }) => text !== '');
  return Object.fromEntries(present.map(({ name, text }) => [name, text]));
}

function unsubscribeOf(
  data: MailData,
  { listUnsubscribe }: MailOptions,
): Pick<AdaptOptions, 'listUnsubscribe'> {
  const inMail = listUnsubscribeOf(data);
  if (inMail.length === 0) return {};
  return { listUnsubscribe: [...inMail, ...[listUnsubscribe ?? []].flat()] };
}
