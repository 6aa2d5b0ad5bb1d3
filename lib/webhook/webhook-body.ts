import { toPythonJson } from '../link/codecs/python-json.js';
import type { JsonValue } from '../link/link-payload.js';
import type { TrackingResult } from '../link/tracking-result.js';
import { webhookFailed } from './webhook-failure.js';

/** What pytracking tells of a hit. */
export type PytrackingHit = Pick<
  TrackingResult,
  'isOpenTracking' | 'isClickTracking' | 'metadata' | 'requestData' | 'timestamp' | 'trackedUrl'
>;

/**
 * The body that `pytracking.webhook.send_webhook` posts, byte for byte: its members in its order,
 * ASCII only. `tracked_url` is there only where there is one, and of the request only what
 * pytracking knows.
 *
 * @throws TrackingError `WEBHOOK_FAILED` if the metadata is not JSON
 */
export function pytrackingBody(result: PytrackingHit): string {
  const { requestData, trackedUrl } = result;
  const body: Record<string, JsonValue> = {
    is_open_tracking: result.isOpenTracking,
    is_click_tracking: result.isClickTracking,
    metadata: result.metadata,
    request_data: requestData
      ? { user_agent: requestData.userAgent ?? null, user_ip: requestData.userIp ?? null }
      : null,
    timestamp: result.timestamp,
  };
  if (trackedUrl) body.tracked_url = trackedUrl;
  try {
    return toPythonJson(body);
  } catch {
    // Also a RangeError: results made by hand can be of any depth.
    throw webhookFailed('the result contains a value that JSON cannot represent; nothing was sent');
  }
}
