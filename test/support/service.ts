import {
  EventPublisher,
  TrackingConsents,
  type TrackingOptions,
  TrackingService,
} from 'nestjs-email-tracking';
import { OptionsResolver } from '../../lib/options/resolve.js';
import { validateOptions } from '../../lib/options/validate.js';
import { ConsentProviders } from '../../lib/privacy/consent-providers.js';
import { ConsentGate } from '../../lib/privacy/consent-gate.js';
import type { ResolveAll } from '../../lib/util/resolve-all.js';
import { VerdictClassifier } from '../../lib/verdict/verdict-classifier.js';
import { OptionalAxios } from '../../lib/webhook/optional-axios.js';
import { WebhookSender } from '../../lib/webhook/webhook-sender.js';
import { KEY } from './app.js';

/** The service without an app around it, with a clock and a DNS of the test's own. */
export function serviceWith(
  options: TrackingOptions,
  now?: () => number,
  resolve?: ResolveAll,
): TrackingService {
  const resolver = new OptionsResolver(validateOptions(options), now);
  const webhooks = new WebhookSender(new OptionalAxios(), resolve);
  const classifier = new VerdictClassifier({}, () => Date.now());
  const clock = now ?? Date.now;
  const nobody = new ConsentProviders(
    () => undefined,
    () => undefined,
  );
  const consents = new TrackingConsents(nobody, 250);
  const gate = new ConsentGate(resolver.options, consents, nobody, 250);
  const keys = resolver.recipientKeys();
  const publisher = new EventPublisher([]);
  return new TrackingService(resolver, publisher, webhooks, classifier, clock, gate, keys);
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
