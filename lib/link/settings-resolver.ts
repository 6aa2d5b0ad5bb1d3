import type { TrackingOverrides } from '../options/tracking.options.js';
import type { LinkSettings } from './link-settings.js';

/** Knows the configuration, and what single calls do differently. */
export interface SettingsResolver {
  /** The configuration as it is. */
  readonly base: LinkSettings;

  /**
   * The configuration with overrides.
   *
   * @throws TrackingError `INVALID_OPTIONS`
   */
  resolve(overrides?: TrackingOverrides): LinkSettings;
}
