import type { HttpService } from '@nestjs/axios';
import { TrackingError } from '../tracking.error.js';

/**
 * The part of axios that is used. Not axios's own type, because declarations that name it could be
 * read only where axios is installed.
 */
export interface Axios {
  request(config: object): Promise<{
    status: number;
    headers: object;
    data: AsyncIterable<Buffer>;
  }>;
}

/**
 * Loads `@nestjs/axios` with the first request, or earlier by {@link load}, so that only apps that
 * post webhooks need to install it.
 */
export class OptionalAxios implements Axios {
  private loading: Promise<Axios> | undefined;

  async request(config: object): ReturnType<Axios['request']> {
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

type Instance = HttpService['axiosRef'];

async function loadAxios(): Promise<Axios> {
  const { HttpService } = await import('@nestjs/axios');
  // Without an instance, it holds axios itself, which is another package and may not be found from here.
  const { Axios } = new HttpService().axiosRef as Instance & {
    Axios: new (own: object) => Instance;
  };
  // Not the app's HttpService, and not `axios.create()`, which copies `axios.defaults`: webhooks must
  // not get the app's interceptors, headers and credentials.
  return new HttpService(new Axios({})).axiosRef;
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
