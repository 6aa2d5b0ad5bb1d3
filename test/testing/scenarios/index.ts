import { type Scenario, SCENARIOS as PUBLIC_SCENARIOS } from 'nestjs-email-tracking/testing';
import { AHEAD } from './ahead.js';
import { GATEWAYS } from './gateways.js';
import { MACHINES } from './machines.js';
import { PEOPLE } from './people.js';
import { READERS } from './readers.js';

/** All scenarios that the suite plays: those of the package, and one for each other rule. */
export const SCENARIOS: readonly Scenario[] = [
  ...PUBLIC_SCENARIOS,
  ...READERS,
  ...PEOPLE,
  ...MACHINES,
  ...AHEAD,
  ...GATEWAYS,
];
