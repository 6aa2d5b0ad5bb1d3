import type { TrackingResult } from '../link/tracking-result.js';
import { Flag, FunctionValue } from '../util/checks.js';
import { HostPatterns, Schemes } from './tracking-checks.js';

/**
 * The rules for the destinations of click links: `redirect`. A destination is checked when its link
 * is written, and again when a reader clicks.
 *
 * @example
 * ```ts
 * const takenOver = new Set(['old-shop.example.com']);
 *
 * TrackingModule.forRoot({
 *   ...options,
 *   redirect: {
 *     allowHosts: ['example.com', '*.example.com'],
 *     check: (url) => !takenOver.has(url.hostname),
 *   },
 * });
 * ```
 */
export class RedirectOptions {
  /**
   * The schemes that a destination may have. Schemes that run code, such as `javascript` and `data`,
   * are never allowed.
   *
   * @default ['http', 'https']
   */
  @Schemes()
  schemes?: string[];

  /**
   * The only hosts that a destination may have: `example.com` for exactly this host, or
   * `*.example.com` for all hosts below it (not `example.com` itself).
   *
   * @default any host
   */
  @HostPatterns()
  allowHosts?: string[];

  /**
   * Hosts that are refused, even if `allowHosts` names them. Written as in `allowHosts`.
   *
   * @default []
   */
  @HostPatterns()
  denyHosts?: string[] = [];

  /**
   * Whether links may lead to private hosts: private and other special-purpose IP addresses,
   * `localhost`, names that end in `.local` or `.internal`, and names without a dot. Only the URL is
   * looked at; DNS is never asked.
   *
   * @default true for sealed formats, false for `plain` and for a codec of your own
   */
  @Flag()
  allowPrivateHosts?: boolean;

  /**
   * A last check of each destination, for example against a list of hosts that were taken over. It must
   * be synchronous. Only the return value `true` lets the reader through; an exception refuses. Where
   * `passQuery` or `clickIdParam` add something, it is called once more with the URL that is sent; if it
   * refuses that one, the reader gets the destination without it.
   *
   * @param url a copy of the parsed destination
   * @param result what the link carries; `null` while a link is being written
   * @default none
   */
  @FunctionValue()
  check?: (url: URL, result: TrackingResult | null) => boolean;
}
