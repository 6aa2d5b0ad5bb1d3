import { lookup } from 'node:dns';
import { type OnApplicationShutdown } from '@nestjs/common';
import type { TrackingError } from '../tracking.error.js';
import { parseUrl } from '../util/parse-url.js';
import type { ResolveAll } from '../util/resolve-all.js';
import { VERSION } from '../util/version.js';
import { Agents } from './address-guard.js';
import type { Axios } from './optional-axios.js';
import { asWebhookError, webhookFailed } from './webhook-error.js';

/** Says who calls. */
export const USER_AGENT = `nestjs-email-tracking/${VERSION}`;

/** As much of a body as anyone wants to see. */
const MAX_BODY = 64 * 1024;

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** After these, the method and the body stay. */
const SAME_AGAIN = [307, 308];

/**
 * The response of a webhook, whatever its status.
 *
 * @example
 * ```ts
 * const { status } = await tracking.sendWebhook(result);
 * if (status >= 400) console.warn(`The webhook answered ${status}.`);
 * ```
 */
export interface WebhookResponse {
  /** The HTTP status. */
  status: number;
  /** The headers, with lower-case names. A header that was sent twice is a list. */
  headers: Record<string, string | string[] | undefined>;
  /** The first 64 KiB of the body as UTF-8 text. The rest is not read. */
  body: string;
}

/** A response. Its status is valid even if its body could not be read to the end. */
export interface WebhookExchange {
  response: WebhookResponse;
  /** Why the body broke off; not set where we stopped reading. */
  bodyFailure?: TrackingError;
}

/** Where and how events are posted. */
export interface WebhookEndpoint {
  url: URL;
  /** For the whole of a request: connecting, sending, and reading the response. */
  timeoutMs: number;
  /** Whether the URL may lead to a private address. */
  allowPrivate: boolean;
  /** Further headers. */
  headers?: Readonly<Record<string, string>>;
}

/** Posts to webhooks. */
export class WebhookSender implements OnApplicationShutdown {
  /** Apart, so that no request inherits a connection that it could not have opened. */
  private readonly trusted: Agents;
  private readonly guarded: Agents;

  /** @param resolve asks DNS */
  constructor(
    private readonly axios: Axios,
    resolve: ResolveAll = lookup,
  ) {
    this.trusted = new Agents(resolve, false);
    this.guarded = new Agents(resolve, true);
  }

  /**
   * Posts once, and follows redirects within the same host as Python's requests does. Any status is
   * returned.
   *
   * @throws TrackingError `WEBHOOK_FAILED` or `WEBHOOK_REFUSED`
   */
  async post(
    endpoint: WebhookEndpoint,
    body: string,
    signature: Record<string, string> = {},
  ): Promise<WebhookExchange> {
    let step: Step = { method: 'POST', url: endpoint.url };
    for (let followed = 0; followed <= MAX_REDIRECTS; followed++) {
      const exchange = await this.send(
        step.method,
        { ...endpoint, url: step.url },
        body,
        signature,
      );
      const next = nextStep(step, exchange.response);
      if (!next) return exchange;
      step = next;
    }
    throw webhookFailed('it redirects in a loop');
  }

  /**
   * Sends one request. Follows nothing, retries nothing, and uses no proxy of the environment.
   *
   * @throws TrackingError `WEBHOOK_FAILED` or `WEBHOOK_REFUSED`
   */
  async send(
    method: 'GET' | 'POST',
    { url, headers, timeoutMs, allowPrivate }: WebhookEndpoint,
    body: string,
    signature: Record<string, string> = {},
  ): Promise<WebhookExchange> {
    const agents = allowPrivate ? this.trusted : this.guarded;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    const failureOf = (error: unknown) =>
      abort.signal.aborted
        ? webhookFailed('it did not answer in time (webhookTimeoutSeconds)')
        : asWebhookError(error);
    try {
      const answer = await this.axios.request({
        method,
        url: withoutCredentials(url).href,
        headers: {
          'User-Agent': USER_AGENT,
          'Accept-Encoding': 'identity',
          Accept: '*/*',
          ...credentialsOf(url),
          ...headers,
          ...(method === 'POST' && { 'Content-Type': 'application/json', ...signature }),
        },
        data: method === 'POST' ? body : undefined,
        httpAgent: agents.http,
        httpsAgent: agents.https,
        // The guard is in the agents, so nothing may lead around them.
        adapter: 'http',
        proxy: false,
        maxRedirects: 0,
        decompress: false,
        responseType: 'stream',
        signal: abort.signal,
      });
      const { text, error } = await read(answer.data);
      const response = { status: answer.status, headers: { ...answer.headers }, body: text };
      return error === undefined ? { response } : { response, bodyFailure: failureOf(error) };
    } catch (error) {
      throw failureOf(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Closes what is idle, and lets what is under way end: a queue may still be flushing.
   *
   * @internal
   */
  onApplicationShutdown(): void {
    this.trusted.retire();
    this.guarded.retire();
  }

  /** Closes all connections, also those in use. */
  abort(): void {
    this.trusted.destroy();
    this.guarded.destroy();
  }
}

/** Reads the beginning of a body. Returns what came of it, and why it broke off. */
async function read(body: AsyncIterable<Buffer>): Promise<{ text: string; error?: unknown }> {
  const chunks: Buffer[] = [];
  let length = 0;
  const text = () => Buffer.concat(chunks).toString();
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, MAX_BODY - length));
      length += chunk.length;
      // Leaving the loop closes the connection.
      if (length >= MAX_BODY) break;
    }
  } catch (error) {
    return { text: text(), error };
  }
  return { text: text() };
}

interface Step {
  method: 'GET' | 'POST';
  url: URL;
}

/**
 * Returns the next step where an answer redirects within its host.
 *
 * @returns `undefined` if the answer is the last one: no redirect, or one to somewhere else
 */
function nextStep(step: Step, { status, headers }: WebhookResponse): Step | undefined {
  const { location } = headers;
  if (!REDIRECTS.includes(status) || typeof location !== 'string') return undefined;
  // Node reads headers as Latin-1, and servers write UTF-8.
  const url = parseUrl(Buffer.from(location, 'latin1').toString(), step.url.href);
  if (!url || !isSameHost(step.url, url)) return undefined;
  url.username = step.url.username;
  url.password = step.url.password;
  return { method: SAME_AGAIN.includes(status) ? step.method : 'GET', url };
}

/** The same server, or the step from http to https at the usual ports. Another port is another. */
function isSameHost(from: URL, to: URL): boolean {
  if (from.hostname !== to.hostname) return false;
  if (from.protocol === to.protocol) return from.port === to.port;
  return from.protocol === 'http:' && to.protocol === 'https:' && !from.port && !to.port;
}

function withoutCredentials(given: URL): URL {
  const url = new URL(given);
  url.username = '';
  url.password = '';
  return url;
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${unescape(username)}:${unescape(password)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
