import type { TimingRule } from '../rule.js';

/** When the sources were last looked at. A rule that is looked at again gets a date of its own. */
const date = '2026-11-21';

const LOG_STUDY = 'https://github.com/putyourlightson/craft-campaign/issues/546';
const CALIBRATION = 'a calibration run: +9, +14 and +26 s were machines, +203 s was a person';

/**
 * Rules about the time between a mail and a hit. A short one is weak evidence, and finds little: by
 * the log study, scanners start a median of 43 seconds after sending, and 0.5 % within ten. Others
 * take 1.5 s (Collie), 2 s (Mautic), 7 s (Notifuse), 10 s or what the operator sets (warmbly).
 */
export const TIMINGS: readonly TimingRule[] = [
  {
    id: 'after-sending',
    on: 'timing',
    code: 'SOON_AFTER_SENDING',
    effect: 'both',
    kind: 'scanner',
    certainty: 'possible',
    timing: 'after-sending',
    seconds: 2,
    meaning:
      'Sooner after sending than a mail arrives and a person reads it. Sources differ: 1.5 to 60 s.',
    source: `https://github.com/mautic/mautic (2 s); ${LOG_STUDY}`,
    date,
  },
  {
    id: 'after-delivery',
    on: 'timing',
    code: 'SOON_AFTER_DELIVERY',
    effect: 'both',
    kind: 'scanner',
    certainty: 'possible',
    timing: 'after-delivery',
    seconds: 2,
    meaning: 'Sooner after delivery than a person reads a mail.',
    source: LOG_STUDY,
    date,
  },
  {
    id: 'before-delivery',
    on: 'timing',
    code: 'BEFORE_DELIVERY',
    effect: 'both',
    kind: 'scanner',
    certainty: 'probable',
    timing: 'before-delivery',
    // Providers give whole seconds, their clocks are not ours, and a mail can be shown before the
    // receiving server has confirmed it.
    seconds: 5,
    meaning: 'Before the mail was in the mailbox: only what checks mail on its way there had it.',
    source: LOG_STUDY,
    date: '2026-11-29',
  },
  ...(['sending', 'delivery'] as const).map((event): TimingRule => ({
    id: `gmail-proxy-after-${event}`,
    on: 'timing',
    code: 'GMAIL_PROXY_EARLY',
    effect: 'opens',
    kind: 'prefetch',
    certainty: 'possible',
    isProxy: true,
    timing: `after-${event}`,
    seconds: 60,
    onlyWith: 'GMAIL_PROXY',
    instead: true,
    meaning:
      `Gmail's image proxy within a minute after ${event}: its own first fetch, or a person who ` +
      'opened the mail from a notification.',
    source: `${CALIBRATION}; https://github.com/ankane/ahoy_email/issues/139`,
    date: '2026-11-29',
  })),
];
