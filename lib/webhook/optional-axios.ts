import { TrackingError } from '../tracking.error.js';
import type { TrackingOptions } from '../options/tracking.options.js';
import type { Axios } from './webhook-exchange.js';

/**
 * Loads `@nestjs/axios` with the first request, or earlier by {@link load}, so that only apps that
 * post webhooks need to install it.
 */
export class OptionalAxios implements Axios {
  private loading: Promise<Axios> | undefined;

  async request(config: object): Promise<unknown> {
    const axios = await this.load();
    return axios.request(config);
  }

  /**
   * @param needed what asks for it, for the error
   * @throws TrackingError `INVALID_OPTIONS` if it is not installed, or cannot be loaded
   */
  async load(needed = 'sendWebhook()'): Promise<Axios> {
    try {
      return await (this.loading ??= loadAxios());
    } catch (error) {
      throw notLoaded(needed, error);
    }
  }
}

/** The options of a configuration that make the app post webhooks. */
export function postingOptions(options: TrackingOptions): string[] {
  const { webhookUrl, webhooks, includeWebhookUrl, webhookAllowHosts } = options;
  return Object.entries({
    webhookUrl: webhookUrl !== undefined,
    webhooks: (webhooks?.length ?? 0) > 0,
    includeWebhookUrl: includeWebhookUrl === true,
    webhookAllowHosts: (webhookAllowHosts?.length ?? 0) > 0,
  })
    .filter(([, isSet]) => isSet)
    .map(([option]) => option);
}

async function loadAxios(): Promise<Axios> {
  const { HttpService } = await import('@nestjs/axios');
  // An instance of our own: the app's interceptors and headers must not reach webhooks.
  return new HttpService().axiosRef.create();
}

function notLoaded(needed: string, error: unknown): TrackingError {
  const code = (error as { code?: unknown } | undefined)?.code;
  const why = typeof code === 'string' ? code : (error as Error | undefined)?.name;
  return new TrackingError(
    'INVALID_OPTIONS',
    `${needed}: posting webhooks needs @nestjs/axios and axios, which cannot be loaded ` +
      `(${why ?? 'unknown error'}). Install them: npm install @nestjs/axios axios ` +
      '(with Nest 11: @nestjs/axios@4, with Nest 10: @nestjs/axios@3).',
  );
}
