import type { LinkPayload } from '../../lib/link/link-payload.js';
import type { LinkSealer, RewritingContext } from '../../lib/message/link-rules.js';
import { TrackingError } from '../../lib/tracking.error.js';

const OPEN = 'https://t.example.com/open/';
const CLICK = 'https://t.example.com/click/';

/** Seals nothing: a token is the payload as JSON, so that tests can read it. */
export const fakeWriter: LinkSealer = {
  openUrl: (payload) => OPEN + encode(payload),
  clickUrlAgain(url, payload) {
    if (url.includes('refused-late')) throw new TrackingError('UNSAFE_URL', 'refused');
    if (url.includes('too-long')) throw new TrackingError('URL_TOO_LONG', 'too long');
    if (url.includes('broken')) throw new TrackingError('INVALID_METADATA', 'not JSON');
    return CLICK + encode({ ...payload, url });
  },
  refusal: (url) => (url.includes('refused.example') ? 'its host is refused' : undefined),
  owns: (url) => url.startsWith(OPEN) || url.startsWith(CLICK),
};

function encode(payload: LinkPayload): string {
  return Buffer.from(JSON.stringify(payload)).toString('base64url');
}

/** What a URL of {@link fakeWriter} carries. */
export function decode(trackingUrl: string): LinkPayload {
  const token = trackingUrl.slice(trackingUrl.lastIndexOf('/') + 1);
  return JSON.parse(Buffer.from(token, 'base64url').toString()) as LinkPayload;
}

/** The pixel that an adapted mail of {@link fakeWriter} holds. */
export const PIXEL =
  /<img src="https:\/\/t\.example\.com\/open\/[\w-]+" width="1" height="1" alt="" style="border:0;width:1px;height:1px">/g;

/** {@link fakeWriter} with what rewriting needs besides. */
export const fakeTools: RewritingContext = {
  sealer: fakeWriter,
  placeOf(url) {
    const { linkIndex, linkCount } = decode(url);
    return { linkIndex, linkCount };
  },
};
