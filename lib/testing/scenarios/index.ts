import type { Scenario } from '../scenario.js';
import { AHEAD } from './ahead.js';
import { GATEWAYS } from './gateways.js';
import { MACHINES } from './machines.js';
import { PEOPLE } from './people.js';
import { READERS } from './readers.js';

/**
 * What is known of people and machines, as scenarios: mail programs and webmail, people who look
 * like machines, machines that show themselves and machines that hide. Some need
 * `verdict: { lookup: scenarioLookup }`; leave them out by `needsLookup` where the app has none.
 *
 * @example
 * ```ts
 * test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
 *   (await scenarios.play(scenario)).check();
 * });
 * ```
 */
export const SCENARIOS: readonly Scenario[] = [
  ...READERS,
  ...PEOPLE,
  ...MACHINES,
  ...AHEAD,
  ...GATEWAYS,
];
