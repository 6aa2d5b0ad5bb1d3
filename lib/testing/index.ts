export { ScenarioClock } from './scenario-clock.js';
export { type ScenarioHit, ScenarioRun } from './scenario-run.js';
export {
  type DeliveryStep,
  type Expected,
  type ExpectedVerdict,
  type HitStep,
  type Scenario,
  type ScenarioMail,
  type ScenarioStep,
  type Visitor,
} from './scenario.js';
export { CONSENT_SCENARIOS } from './consent-scenarios.js';
export { SCENARIOS } from './scenarios.js';
export { type TestConsent, TestConsents } from './test-consents.js';
export { TrackingScenarios, type TrackingScenariosOptions } from './tracking-scenarios.js';
export { scenarioLookup, type VisitorName, VISITORS } from './visitors.js';
