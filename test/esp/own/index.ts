import { amazonEventBridge } from './amazon-event-bridge.js';
import { azure } from './azure.js';
import { loops } from './loops.js';
import { scaleway } from './scaleway.js';
import { mailpace } from './mailpace.js';
import type { OwnProvider } from './own-provider.js';

/** The providers, and ways of a provider, that the reference does not know. */
export const OWN: readonly OwnProvider[] = [amazonEventBridge, azure, loops, mailpace, scaleway];
