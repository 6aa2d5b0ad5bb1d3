import { azure } from './azure.js';
import type { OwnProvider } from './own-provider.js';

/** The providers that the reference does not know. */
export const OWN: readonly OwnProvider[] = [azure];
