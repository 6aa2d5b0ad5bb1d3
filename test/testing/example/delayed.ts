// delayed.ts
import type { Scenario, TrackingScenarios, Visitor } from 'nestjs-email-tracking/testing';
import { VISITORS } from 'nestjs-email-tracking/testing';

const ourMonitor: Visitor = {
  name: 'our monitor',
  userAgent: 'AcmeHealth/2.0',
  addresses: ['198.51.100.7'],
  source: 'our operations handbook',
};

const delayed: Scenario = {
  name: 'a monitor, and a reader after a slow delivery',
  source: 'ticket 4711',
  story: 'The monitor follows the link while the mail waits; the reader comes when it is there.',
  mail: { links: 5, unsubscribeLink: true },
  steps: [
    { at: 60, by: ourMonitor, does: 'click', link: 4 },
    { at: 300, does: 'delivered' },
    { at: 900, by: VISITORS.yahooProxy, does: 'open' },
    { at: 960, by: VISITORS.chrome, does: 'click', link: 'unsubscribe', address: '192.0.2.33' },
  ],
  expect: [
    { kind: 'scanner', certainty: 'probable', reasons: ['BEFORE_DELIVERY'] },
    'none',
    { kind: 'human' },
    { kind: 'human' },
  ],
};

export async function playDelayed(scenarios: TrackingScenarios): Promise<string | null> {
  const run = await scenarios.play(delayed);
  run.check();
  return run.recipient;
}
