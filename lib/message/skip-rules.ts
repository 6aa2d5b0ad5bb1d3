import {
  comparableHost,
  type HostMatcher,
  hostMatcher,
  schemeName,
} from '../link/redirect-policy.js';

/** What the configuration says about the links of mails. */
export interface SkipOptions {
  skipHosts?: readonly string[] | undefined;
  skipUrlText?: boolean | undefined;
  trackUnsubscribeLinks?: boolean | undefined;
  placeholders?: readonly RegExp[] | undefined;
  utmHosts?: readonly string[] | undefined;
  redirect?: { readonly schemes?: readonly string[] | undefined } | undefined;
}

/** {@link SkipOptions}, made ready for any number of mails. */
export class SkipRules {
  readonly skipsUrlText: boolean;
  readonly skipsUnsubscribeLinks: boolean;
  /** What is a placeholder beside the defaults; without flags that make a pattern remember. */
  readonly placeholders: readonly RegExp[];
  /** Schemes beside `http` and `https` that links are tracked with. */
  readonly furtherSchemes: ReadonlySet<string>;
  readonly #hosts: HostMatcher | undefined;
  readonly #utmHosts: HostMatcher | undefined;

  constructor(options: SkipOptions = {}) {
    const { skipHosts, skipUrlText, trackUnsubscribeLinks, placeholders, utmHosts } = options;
    this.skipsUrlText = skipUrlText ?? false;
    this.skipsUnsubscribeLinks = !(trackUnsubscribeLinks ?? false);
    this.placeholders = (placeholders ?? []).map(
      ({ source, flags }) => new RegExp(source, flags.replace(/[gy]/g, '')),
    );
    this.furtherSchemes = new Set(
      (options.redirect?.schemes ?? []).map(schemeName).filter((name) => !/^https?$/.test(name)),
    );
    this.#hosts = skipHosts?.length ? hostMatcher(skipHosts) : undefined;
    this.#utmHosts = utmHosts && hostMatcher(utmHosts);
  }

  /** Whether links to some hosts are left alone. */
  get skipsHosts(): boolean {
    return this.#hosts !== undefined;
  }

  /** Whether links to this host are left alone. */
  skipsHost(target: URL): boolean {
    return this.#hosts?.(comparableHost(target.hostname)) ?? false;
  }

  /** Whether links to the host of this URL get `utm` parameters. */
  takesUtm(url: string): boolean {
    return this.#utmHosts?.(comparableHost(new URL(url).hostname)) ?? true;
  }
}
