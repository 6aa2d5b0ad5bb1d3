import {
  type LinkCodec,
  type LinkPayload,
  TrackingError,
  type TrackingOptions,
  type TrackingService,
} from 'nestjs-email-tracking';
import { serviceFor } from '../support/service.js';

/** Seals nothing: a token is the payload as JSON, so that tests can read it. */
export const readable: LinkCodec = {
  name: 'readable',
  encode(payload) {
    const { url = '' } = payload;
    if (url.includes('refused-late')) throw new TrackingError('UNSAFE_URL', 'refused');
    if (url.includes('too-long')) throw new TrackingError('URL_TOO_LONG', 'too long');
    if (url.includes('broken')) throw new TrackingError('INVALID_METADATA', 'not JSON');
    return Buffer.from(JSON.stringify(payload)).toString('base64url');
  },
  decode: (token) => JSON.parse(Buffer.from(token, 'base64url').toString()) as LinkPayload,
};

/** A text as it stands in an attribute of HTML. */
export function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

/** The service with links that tests can read, and with changes. */
export function trackingWith(changes: TrackingOptions = {}): TrackingService {
  return serviceFor({
    format: readable,
    redirect: { denyHosts: ['refused.example'] },
    ...changes,
  });
}

export const tracking = trackingWith();

/** What a tracking URL of {@link tracking} carries. */
export function decode(trackingUrl: string): LinkPayload {
  return readable.decode(trackingUrl.slice(trackingUrl.lastIndexOf('/') + 1), 'click');
}

/** Whether a URL is one of {@link tracking}. */
export function isOurs(url: string): boolean {
  return /^https:\/\/t\.example\.com\/(?:open|click)\//.test(url);
}

/** The pixel that an adapted mail of {@link tracking} has. */
export const PIXEL =
  /<img src="https:\/\/t\.example\.com\/open\/[\w-]+" width="1" height="1" alt="" style="border:0;width:1px;height:1px">/g;
