/** What webhooks need of the options, validated before and with the defaults. */
export interface WebhookSettings {
  readonly autoWebhook: boolean;
  readonly webhookUrl?: string;
  readonly webhookTimeoutSeconds: number;
  readonly webhookFormat: 'pytracking' | 'event';
  readonly webhookSecret?: string | readonly string[];
  readonly webhooks: readonly ConfiguredWebhook[];
  readonly includeWebhookUrl: boolean;
  readonly webhookAllowHosts: readonly string[];
  readonly webhookAllowPrivateHosts: boolean;
}

/** One member of `webhooks`. */
export interface ConfiguredWebhook {
  readonly url: string;
  readonly events?: readonly ('open' | 'click')[];
  readonly secret?: string | readonly string[];
  readonly timeoutSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly format?: 'pytracking' | 'event';
  readonly allowPrivate?: boolean;
  readonly batch?: { readonly size: number; readonly waitMs: number };
}
