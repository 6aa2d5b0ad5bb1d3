import { comparableHost, type HostMatcher, hostMatcher } from '../link/redirect-policy.js';

/** What the configuration says about links that are left alone. */
export interface SkipOptions {
  skipHosts?: readonly string[] | undefined;
  skipUrlText?: boolean | undefined;
  trackUnsubscribeLinks?: boolean | undefined;
}

/** {@link SkipOptions}, made ready for any number of mails. */
export class SkipRules {
  readonly skipsUrlText: boolean;
  readonly skipsUnsubscribeLinks: boolean;
  readonly #hosts: HostMatcher | undefined;

  constructor({ skipHosts, skipUrlText, trackUnsubscribeLinks }: SkipOptions = {}) {
    this.skipsUrlText = skipUrlText ?? false;
    this.skipsUnsubscribeLinks = !(trackUnsubscribeLinks ?? false);
    this.#hosts = skipHosts?.length ? hostMatcher(skipHosts) : undefined;
  }

  /** Whether links to some hosts are left alone. */
  get skipsHosts(): boolean {
    return this.#hosts !== undefined;
  }

  /** Whether links to this host are left alone. */
  skipsHost(target: URL): boolean {
    return this.#hosts?.(comparableHost(target.hostname)) ?? false;
  }
}
