import type { TrackingEvent } from '../event/tracking-event.js';
import type { Keep } from '../link/keep.js';
import type { RequestData } from '../link/tracking-result.js';
import { networkOf } from '../util/ip-address.js';
import { replaceTexts } from '../util/replace-texts.js';

/** Keeps nothing of a reader. */
export const NOTHING = { ip: 'none', userAgent: 'none' } as const;

/**
 * Cuts what an event says about its reader: in its members, in `result.requestData`, and wherever the
 * provider's own event repeats the whole text. What was handed to others before is not changed: results
 * and raw events are copied.
 */
export function cutReader(event: TrackingEvent, keep: Keep): void {
  const { userIp, userAgent, result } = event;
  const cuts = new Map(
    [
      [userIp, cutIp(userIp, keep)] as const,
      [userAgent, cutAgent(userAgent, keep)] as const,
    ].filter(([before, after]) => before !== null && before !== '' && after !== before),
  );
  if (result?.requestData) {
    event.result = { ...result, requestData: cutRequest(result.requestData, keep) };
  }
  if (cuts.size === 0) return;
  event.userIp = cutIp(userIp, keep);
  event.userAgent = cutAgent(userAgent, keep);
  event.espEvent = replaceTexts(event.espEvent, cuts);
}

/** Returns what is kept of a request. */
export function cutRequest(request: RequestData, keep: Keep): RequestData {
  return {
    ...request,
    userIp: cutIp(request.userIp, keep),
    userAgent: cutAgent(request.userAgent, keep),
  };
}

function cutIp(address: string | null, { ip = 'full' }: Keep): string | null {
  if (address === null || ip === 'full') return address;
  const network = ip === 'none' ? null : networkOf(address);
  // What cannot be read cannot be cut.
  if (network === null) return null;
  return network.includes(':') ? `${network}::` : `${network}.0`;
}

function cutAgent(agent: string | null, { userAgent = 'full' }: Keep): string | null {
  if (agent === null || userAgent === 'full') return agent;
  return userAgent === 'none' ? null : reduceAgent(agent);
}

/** The longest text that is looked at; what is behind it is left out. */
const MAX_AGENT = 1000;

/** What apps on phones add in square brackets: the device, the carrier, the screen, the language. */
const BRACKETS = /\s*\[[^\]]*\]/g;
/** `Android 14; SM-S918B Build/UP1A.231005.007; wv`, and before 2012 `Android 4.0.3; de-de; GT-I9100` */
const ANDROID_MODEL = /(Android \d+)[\d.]*;(?:\s*[a-z]{2}(?:[-_][a-z]{2})?;)?[^);]*/gi;
/** `iPhone14,2`, `iPad13,16`, `Macmini9,1` */
const APPLE_MODEL = /([a-z])\d+,\d+/gi;
const BUILD = /\s*\bBuild\/[^\s;)]*/g;
/** `120.0.6099.129`, `17_4_1`: the first number tells the program, the others tell readers apart. */
const VERSION = /(\d+)[._]\d[\w.]*/g;

/** Returns a `User-Agent` without what tells readers of one program apart. */
function reduceAgent(agent: string): string {
  return agent
    .slice(0, MAX_AGENT)
    .replace(BRACKETS, '')
    .replace(ANDROID_MODEL, '$1; K')
    .replace(APPLE_MODEL, '$1')
    .replace(BUILD, '')
    .replace(VERSION, '$1');
}
