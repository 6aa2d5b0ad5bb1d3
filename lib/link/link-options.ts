import type { LinkFormat } from './link-codec.js';
import type { Metadata } from './link-payload.js';
import type { PixelFormat } from './pixel.js';
import type { Keep } from './keep.js';
import type { LinkPrivacy } from './privacy-mode.js';
import type { RedactUrl } from './redaction-rules.js';
import type { RedirectRules } from './redirect-policy.js';
import type { UrlJoin } from './tracking-url.js';

/** What links need of the options, validated before and with the defaults. */
export interface LinkOptions {
  readonly baseOpenTrackingUrl?: string;
  readonly baseClickTrackingUrl?: string;
  readonly baseUnsubscribeUrl?: string;
  readonly urlJoin: UrlJoin;
  readonly appendSlash: boolean;
  readonly maxUrlLength: number;
  readonly format: LinkFormat;
  readonly accept: readonly LinkFormat[];
  readonly context?: string;
  readonly defaultMetadata?: Metadata;
  readonly includeDefaultMetadata: boolean;
  readonly webhookUrl?: string;
  readonly webhookTimeoutSeconds: number;
  readonly includeWebhookUrl: boolean;
  readonly includeWebhookTimeout: boolean;
  readonly redirect?: RedirectRules;
  readonly fallbackUrl?: string;
  readonly passQuery?: readonly string[];
  readonly clickIdParam?: string;
  readonly maxAgeSeconds?: number;
  readonly pixel: PixelFormat;
  readonly redactUrl?: RedactUrl;
  readonly keep?: Keep;
  readonly privacy?: LinkPrivacy;
}
