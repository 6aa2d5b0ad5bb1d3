import type {
  JsonValue,
  LinkContext,
  Metadata,
  TrackingOverrides,
  TrackingService,
} from '../index.js';

/**
 * Returns the HTML that `{% ptrack … %}` renders in a Django template. Works with every format: the
 * hit has `metadata.args` and `metadata.kwargs`.
 *
 * @param tracking the injected service; its `baseOpenTrackingUrl` is `PTRACK_APP_URL` with the path
 *   of the view behind it, and `appendSlash` is set
 * @param args the arguments of the tag
 * @param kwargs its keyword arguments
 * @param overrides options that differ for this pixel, and the message id, recipient and tags
 * @throws TrackingError `INVALID_METADATA`, `URL_TOO_LONG`, `INVALID_OPTIONS`
 * @example
 * ```ts
 * // {% ptrack 'welcome' user_id=7 %}
 * const tag = ptrackTag(tracking, ['welcome'], { user_id: 7 });
 * // <img src='https://www.example.com/ptrack/…/' width=1 height=1>
 * ```
 */
export function ptrackTag(
  tracking: Pick<TrackingService, 'getOpenTrackingUrl'>,
  args: readonly JsonValue[] = [],
  kwargs: Metadata = {},
  overrides: TrackingOverrides & LinkContext = {},
): string {
  const url = tracking.getOpenTrackingUrl({ args: [...args], kwargs }, overrides);
  // Tokens do not contain these characters; a base URL may.
  const src = url.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
  return `<img src='${src}' width=1 height=1>`;
}
