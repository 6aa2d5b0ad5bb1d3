import type { ConsentResolver } from './consent-resolver.js';
import { combined } from './combined-resolver.js';
import type { PrivacyRegister } from './privacy-register.js';

/** Finds the app's resolver and the register of `./privacy`. */
export class ConsentProviders {
  private found: Found | undefined;
  private isComplete = false;

  /** @param findOwn returns the app's own resolver, `findRegister` the register, if there are any now */
  constructor(
    private readonly findOwn: () => ConsentResolver | undefined,
    private readonly findRegister: () => PrivacyRegister | undefined,
  ) {}

  /** Who is asked for consent, if there is anybody. */
  get resolver(): ConsentResolver | undefined {
    return this.look().resolver;
  }

  /** The register of `./privacy`, if the app has it. */
  get register(): PrivacyRegister | undefined {
    return this.look().register;
  }

  /** All modules are there: what is found now is remembered. Until then, each question looks again. */
  complete(): void {
    this.isComplete = true;
  }

  /** Looks again: a module was loaded later. */
  lookAgain(): void {
    this.found = undefined;
  }

  private look(): Found {
    if (this.found) return this.found;
    const register = this.findRegister();
    const found = { register, resolver: combined([this.findOwn(), register]) };
    if (this.isComplete) this.found = found;
    return found;
  }
}

interface Found {
  resolver: ConsentResolver | undefined;
  register: PrivacyRegister | undefined;
}
