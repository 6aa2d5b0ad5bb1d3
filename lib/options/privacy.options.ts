import type { RedactionRules } from '../link/redaction-rules.js';
import type { Keep } from '../link/keep.js';
import type { ConsentFailures, LinkPrivacy, PrivacyMode } from '../link/privacy-mode.js';
import { Flag, OneOf } from '../util/checks.js';
import { Nested } from '../util/validate.js';
import { MetadataKeys, ParameterNames } from './tracking-checks.js';

/**
 * Which parts of a URL are masked as secrets: `redactUrl` of the options.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({ ...options, redactUrl: { params: ['customer'], keepParams: ['state'] } });
 * ```
 */
export class RedactUrlOptions implements RedactionRules {
  /**
   * Further names of parameters whose value is always masked. Case, hyphens and underscores do not
   * matter.
   *
   * @default []
   */
  @ParameterNames()
  params?: string[] = [];

  /**
   * Names of parameters that are never masked, whatever the tables say.
   *
   * @default []
   */
  @ParameterNames()
  keepParams?: string[] = [];

  /**
   * Whether secrets of the fragment are masked, such as `#access_token=…`.
   *
   * @default true
   */
  @Flag()
  fragment?: boolean = true;

  /**
   * Whether secrets of the path are masked: a JSON Web Token, and a random segment behind a word such as
   * `reset` or `verify`.
   *
   * @default true
   */
  @Flag()
  path?: boolean = true;
}

/**
 * How much is kept of what a request says about its reader: `keep` of the options. Verdicts are made from
 * all of it, in memory, before it is cut.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({ ...options, keep: { ip: 'truncated', userAgent: 'reduced' } });
 * ```
 */
export class KeepOptions implements Keep {
  /**
   * What is kept of the IP address: `'truncated'` keeps its network (/24 of IPv4, /48 of IPv6).
   *
   * @default 'full'
   */
  @OneOf('full', 'truncated', 'none')
  ip?: 'full' | 'truncated' | 'none' = 'full';

  /**
   * What is kept of the `User-Agent`: `'reduced'` keeps the names of programs and systems with the first
   * number of their versions, and no model of a phone.
   *
   * @default 'full'
   */
  @OneOf('full', 'reduced', 'none')
  userAgent?: 'full' | 'reduced' | 'none' = 'full';
}

const Mode = () => OneOf('off', 'anonymous', 'deliverability', 'identified');

/** What counts as the answer about a recipient where there is none: `privacy.onFailure` of the options. */
export class ConsentFailureOptions implements ConsentFailures {
  /**
   * The mode of a mail whose recipient was not asked (`null`), or for whom the answer failed, was late, or
   * is no mode.
   *
   * @default 'anonymous'
   */
  @Mode()
  send?: PrivacyMode = 'anonymous';

  /**
   * The mode of a hit for which the answer failed, was late, or is no mode. A `null` changes nothing
   * there: the link says what its mail was sent with.
   *
   * @default 'off'
   */
  @Mode()
  hit?: PrivacyMode = 'off';
}

/**
 * How much of readers may be recorded at most: `privacy` of the options.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({ ...options, privacy: { opens: 'deliverability', clicks: 'anonymous' } });
 * ```
 */
export class PrivacyOptions implements LinkPrivacy {
  /**
   * The widest mode of pixels: `off` (none), `anonymous` (counted, nobody is named), `deliverability` (the
   * day of a recipient's last open) or `identified`.
   *
   * @default 'identified'
   */
  @Mode()
  opens?: PrivacyMode = 'identified';

  /**
   * The widest mode of links: `off` (plain links), `anonymous` or `deliverability` (counted, nobody is
   * named), or `identified`.
   *
   * @default 'identified'
   */
  @Mode()
  clicks?: PrivacyMode = 'identified';

  /**
   * The metadata that anonymous links and events keep. `tags` keeps the tags. Name only what many
   * recipients share.
   *
   * @default ['campaign']
   */
  @MetadataKeys()
  anonymousKeys?: string[] = ['campaign'];

  /**
   * What counts as the answer about a recipient where a `ConsentResolver` has none.
   *
   * @default anonymous mails, and no event of a hit
   */
  @Nested(() => ConsentFailureOptions, "{ send: 'off' }")
  onFailure?: ConsentFailureOptions = new ConsentFailureOptions();
}
