export {
  type MailSuppression,
  type MailSuppressionOptions,
  type MailTracker,
  type NodemailerMessage,
  type TrackedOptions,
  type TrackingPlugin,
  type TrackingPluginDefaults,
} from './plugin-options.js';
export { tracked } from './tracked.js';
export {
  type DkimCoverage,
  type MailOutcome,
  type NotTrackedOutcome,
  type NotTrackedReason,
  type TrackedOutcome,
  type TrackingOutcome,
  type UnsubscribeHeaders,
} from './tracking-outcome.js';
export { trackingPlugin } from './tracking-plugin.js';
