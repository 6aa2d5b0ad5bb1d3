import type { LinkDecision } from './link-rules.js';
import { hostOf } from './link-text.js';
import type { RewriteReport, RewriteWarning } from './rewrite-report.js';

/** Where Gmail cuts a mail, and a pixel at its end with it (102 KB, measured by senders). */
export const GMAIL_CLIPS_AT = 102_400;

interface WarningFacts {
  readonly report: RewriteReport;
  /** Whether links were to be tracked at all. */
  readonly clickTracking: boolean;
  readonly isPixelTooLong: boolean;
  /** What was decided about each link of the report. */
  readonly links: readonly LinkDecision[];
  readonly hasAmp: boolean;
  /** Whether it is for a list, and nobody is known who could leave it. */
  readonly isWithoutWayOut: boolean;
  /** Whether its anonymous links are those of one recipient only. */
  readonly isUnique: boolean;
}

/** No warning holds an address: they end up in logs. Links are named by their index. */
export function warningsOf(facts: WarningFacts): RewriteWarning[] {
  return [
    clipped(facts),
    longUrl(facts),
    alreadyTracked(facts),
    noLinks(facts),
    textMismatch(facts),
    suspectPlaceholder(facts),
    secretInUrl(facts),
    unique(facts),
    amp(facts),
    noRecipient(facts),
  ].filter((warning) => warning !== undefined);
}

export const SIGNED_OR_ENCRYPTED: RewriteWarning = {
  code: 'SIGNED_OR_ENCRYPTED',
  message:
    'The mail holds a message signed or encrypted with PGP, and nothing in it was changed. Adapt ' +
    'the mail before you sign it, or send it untracked.',
};

type Warning = RewriteWarning | undefined;

function clipped({ report: { bytes, pixel } }: WarningFacts): Warning {
  if (bytes.after <= GMAIL_CLIPS_AT) return undefined;
  const remedy =
    pixel === 'bottom'
      ? "Gmail hides the end and the pixel in it: shorten the mail, or set pixelPosition: 'top'."
      : 'Gmail hides the end: shorten the mail.';
  return {
    code: 'CLIPPED_BY_GMAIL',
    message: `The HTML has ${bytes.after} bytes, more than ${GMAIL_CLIPS_AT}. ${remedy}`,
  };
}

function longUrl({ report, isPixelTooLong }: WarningFacts): Warning {
  const links = indicesOf(report, 'too-long');
  if (links === '' && !isPixelTooLong) return undefined;
  const what = [isPixelTooLong && 'the pixel is left out', links && `untracked are ${links}`];
  return {
    code: 'LONG_URL',
    message:
      `Tracking URLs would be longer than maxUrlLength: ${what.filter(Boolean).join(', ')}. ` +
      'Shorten the destinations or the metadata, or raise maxUrlLength.',
  };
}

function alreadyTracked({ report }: WarningFacts): Warning {
  const links = indicesOf(report, 'already-tracked');
  if (links === '') return undefined;
  return {
    code: 'ALREADY_TRACKED',
    message:
      `Left alone, because they are tracked already: ${links}. ` +
      'Unless they were placed by hand, the mail is adapted twice.',
  };
}

function noLinks({ report, clickTracking }: WarningFacts): Warning {
  if (!clickTracking || report.links.some(({ tracked }) => tracked)) return undefined;
  if (report.links.some(({ reason }) => reason === 'already-tracked')) return undefined;
  return {
    code: 'NO_LINKS',
    message:
      report.links.length === 0
        ? 'The mail has no links, so there will be no clicks.'
        : 'The mail has no link that can be tracked. report.links gives the reason for each.',
  };
}

/** Filters take `<a href="https://t.example.com/…">https://shop.example.com</a>` for phishing. */
function textMismatch({ report, links }: WarningFacts): Warning {
  const mismatched = report.links.filter(({ trackingUrl }, i) => {
    const { shownHost } = links[i]!;
    return (
      shownHost !== undefined && trackingUrl !== undefined && shownHost !== hostOf(trackingUrl)
    );
  });
  if (mismatched.length === 0) return undefined;
  return {
    code: 'URL_TEXT_MISMATCH',
    message:
      'The text of a link is a URL whose host is not the tracking host, which filters take for ' +
      `phishing: ${mismatched.map(nameOf).join(', ')}. Write words, or add data-no-track.`,
  };
}

function suspectPlaceholder({ report, links }: WarningFacts): Warning {
  const suspects = report.links.filter((_, i) => links[i]!.isSuspect);
  if (suspects.length === 0) return undefined;
  const tracked = suspects.filter((link) => link.tracked).map(nameOf);
  const left = suspects.filter((link) => !link.tracked).map(nameOf);
  const what = [
    left.length > 0 && `left alone, because they seem to: ${left.join(', ')}`,
    tracked.length > 0 && `tracked, because they seem not to: ${tracked.join(', ')}`,
  ];
  return {
    code: 'SUSPECT_PLACEHOLDER',
    message:
      `It is not certain whether these links hold a placeholder (${what.filter(Boolean).join('; ')}). ` +
      'Fill in templates before the mail is adapted, name the form in the option placeholders, or ' +
      'percent-encode the brackets.',
  };
}

function secretInUrl({ report, links }: WarningFacts): Warning {
  const secrets = report.links.filter(({ tracked }, i) => tracked && links[i]!.hasSecret);
  if (secrets.length === 0) return undefined;
  return {
    code: 'SECRET_IN_URL',
    message:
      'The URL of a tracked link seems to hold a secret, and everybody who gets the tracked link ' +
      `can follow it: ${secrets.map(nameOf).join(', ')}. Write data-no-track on it, or send the ` +
      'mail with clickTracking: false.',
  };
}

function unique({ isUnique }: WarningFacts): Warning {
  if (!isUnique) return undefined;
  return {
    code: 'ANONYMOUS_BUT_UNIQUE',
    message:
      'The links are to be anonymous, but a URL, label or kept value holds the address or message id of ' +
      'the recipient, or differs between recipients: such links name who follows them. Take it out of ' +
      'the mail, or out of privacy.anonymousKeys.',
  };
}

function amp({ hasAmp }: WarningFacts): Warning {
  if (!hasAmp) return undefined;
  return {
    code: 'AMP_NOT_TRACKED',
    message: 'The AMP part was left alone: what readers of it open and click is not counted.',
  };
}

function noRecipient({ isWithoutWayOut }: WarningFacts): Warning {
  if (!isWithoutWayOut) return undefined;
  return {
    code: 'NO_RECIPIENT',
    message:
      'The mail is for a list, but its reader cannot unsubscribe: no recipient was given. Adapt it ' +
      'for one recipient at a time.',
  };
}

function indicesOf(report: RewriteReport, reason: string): string {
  return report.links
    .filter((link) => link.reason === reason)
    .map(nameOf)
    .join(', ');
}

function nameOf({ part, index }: { part: string; index: number }): string {
  return `link ${index} of the ${part}`;
}
