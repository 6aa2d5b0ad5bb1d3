import type { MailData } from './mail-data.js';
import { headerValues, withoutHeader } from './mail-headers.js';

const X_TRACK = 'x-track';

/** What a mail's own header leaves of the tracking. */
export interface XTrack {
  opens: boolean;
  clicks: boolean;
  /** Whether a value was none of those that are known. */
  isUnknown: boolean;
}

/**
 * Reads `X-Track` and takes it off the mail. It only ever switches off: several values leave what
 * all of them allow, and an unknown one leaves nothing, because its author wanted less tracking.
 */
export function takeXTrack(data: MailData): XTrack {
  const values = headerValues(data.headers, X_TRACK)
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== '');
  data.headers = withoutHeader(data.headers, X_TRACK);
  return {
    opens: values.every((value) => value === 'opens'),
    clicks: values.every((value) => value === 'clicks'),
    isUnknown: values.some((value) => !KNOWN.includes(value)),
  };
}

const KNOWN = ['none', 'opens', 'clicks'];
