import type { Scenario } from './scenario.js';
import { VISITORS } from './visitors.js';

const WITHDRAWAL = 'https://gdpr-info.eu/art-7-gdpr/, paragraph 3';

/**
 * Recipients who change their minds about being measured. They need an app with {@link TestConsents}, given
 * to `TrackingScenarios.for` as `consents`.
 *
 * @example
 * ```ts
 * const scenarios = await TrackingScenarios.for(app, { clock, consents });
 * for (const scenario of CONSENT_SCENARIOS) (await scenarios.play(scenario)).check();
 * ```
 */
export const CONSENT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'consent is withdrawn after sending',
    source: WITHDRAWAL,
    story:
      'A reader who consented opens a mail, and then withdraws. The mail still shows its images and its ' +
      'links still lead on, and nothing of that is recorded any more.',
    mail: { consent: 'identified' },
    steps: [
      { at: 400, by: VISITORS.yahooProxy, does: 'open' },
      { at: 600, by: VISITORS.yahooProxy, does: 'open', consent: 'off' },
      { at: 620, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [{ kind: 'human', mode: 'identified' }, 'none', 'none'],
  },
  {
    name: 'consent is given after sending',
    source: WITHDRAWAL,
    story:
      'A mail is sent to a reader who allows the day of the last open and no more. A yes later is for later ' +
      'mails: the links of this one never said who follows them.',
    mail: { consent: { opens: 'deliverability', clicks: 'anonymous' } },
    steps: [
      { at: 600, by: VISITORS.yahooProxy, does: 'open', consent: 'identified' },
      { at: 620, by: VISITORS.chrome, does: 'click' },
    ],
    expect: ['none', { kind: 'human', mode: 'anonymous' }],
  },
];
