import type { RedactionRules } from '../link/redaction-rules.js';
import { Flag } from '../util/checks.js';
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
