import type { RedactionRules } from '../link/redaction-rules.js';
import type { Keep } from '../link/keep.js';
import { Flag, OneOf } from '../util/checks.js';
import { ParameterNames } from './tracking-checks.js';

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
