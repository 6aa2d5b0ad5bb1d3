export {
  type MailTracker,
  type NodemailerMessage,
  type TrackedOptions,
  type TrackingPlugin,
  type TrackingPluginDefaults,
} from './plugin-options.js';
export { tracked } from './tracked.js';
export {
  type NotTrackedOutcome,
  type NotTrackedReason,
  type TrackedOutcome,
  type TrackingOutcome,
} from './tracking-outcome.js';
export { trackingPlugin } from './tracking-plugin.js';
