import { type TrackingOptions, TrackingService } from 'nestjs-email-tracking';
import { TrackingSettings } from '../../lib/tracking.settings.js';
import { validateOptions } from '../../lib/tracking.validation.js';
import { KEY } from './app.js';

/** The service without an app around it, and with a clock of the test's own. */
export function serviceWith(options: TrackingOptions, now?: () => number): TrackingService {
  return new TrackingService(new TrackingSettings(validateOptions(options), now));
}

/** A configuration that works, with changes. */
export function serviceFor(changes: TrackingOptions = {}, now?: () => number): TrackingService {
  return serviceWith(
    {
      baseOpenTrackingUrl: 'https://t.example.com/open/',
      baseClickTrackingUrl: 'https://t.example.com/click/',
      encryptionKey: KEY,
      ...changes,
    },
    now,
  );
}
