import { parseUrl } from '../util/parse-url.js';
import type { WebhookResponse } from './webhook-response.js';

/** One step of a delivery. */
export interface Step {
  method: 'GET' | 'POST';
  url: URL;
}

const REDIRECTS = [301, 302, 303, 307, 308];
/** After these, the method and the body stay. */
const SAME_AGAIN = [307, 308];

/**
 * The next step, where an answer redirects within its host, as Python's requests takes it.
 *
 * @returns `undefined` if the answer is the last one: no redirect, or one to somewhere else
 */
export function nextStep(step: Step, { status, headers }: WebhookResponse): Step | undefined {
  const { location } = headers;
  if (!REDIRECTS.includes(status) || typeof location !== 'string') return undefined;
  // Node reads headers as Latin-1, and servers write UTF-8.
  const url = parseUrl(Buffer.from(location, 'latin1').toString(), step.url.href);
  if (!url || !isSameHost(step.url, url)) return undefined;
  url.username = '';
  url.password = '';
  return { method: SAME_AGAIN.includes(status) ? step.method : 'GET', url };
}

/** The same server, or the step from http to https at the usual ports. Another port is another. */
function isSameHost(from: URL, to: URL): boolean {
  if (from.hostname !== to.hostname) return false;
  if (from.protocol === to.protocol) return from.port === to.port;
  return from.protocol === 'http:' && to.protocol === 'https:' && !from.port && !to.port;
}
