import type { Metadata, TrackingOptions, TrackingResult } from 'nestjs-email-tracking';

/** pytracking's configuration, as keyword arguments. */
export interface PyConfiguration {
  base_open_tracking_url?: string;
  base_click_tracking_url?: string;
  webhook_url?: string;
  include_webhook_url?: boolean;
  default_metadata?: Metadata;
  include_default_metadata?: boolean;
  append_slash?: boolean;
  encoding?: string;
  encryption_bytestring_key?: string;
}

/** Our options that mean the same. */
export function optionsFrom(
  configuration: PyConfiguration,
  key = configuration.encryption_bytestring_key,
): TrackingOptions {
  const options: TrackingOptions = {
    format: key ? 'fernet' : 'plain',
    urlJoin: 'python',
    maxUrlLength: 15_000,
    baseOpenTrackingUrl: configuration.base_open_tracking_url,
    baseClickTrackingUrl: configuration.base_click_tracking_url,
    webhookUrl: configuration.webhook_url,
    includeWebhookUrl: configuration.include_webhook_url,
    defaultMetadata: configuration.default_metadata,
    includeDefaultMetadata: configuration.include_default_metadata,
    appendSlash: configuration.append_slash,
    encryptionKey: key || undefined,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** pytracking's result, as the vectors have it. */
export interface PyResult {
  is_open_tracking: boolean;
  is_click_tracking: boolean;
  tracked_url: string | null;
  webhook_url: string | null;
  metadata: Metadata | null;
  request_data: { user_agent: string | null; user_ip: string | null } | null;
  timestamp: number;
}

/** Our result as pytracking would give it, its members in the same order. */
export function toPython(result: TrackingResult): PyResult {
  const { requestData } = result;
  return {
    is_open_tracking: result.isOpenTracking,
    is_click_tracking: result.isClickTracking,
    tracked_url: result.trackedUrl,
    webhook_url: result.webhookUrl,
    metadata: result.metadata,
    request_data: requestData && {
      user_agent: requestData.userAgent,
      user_ip: requestData.userIp,
    },
    timestamp: result.timestamp,
  };
}
