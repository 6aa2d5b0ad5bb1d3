import { lookup } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type OnApplicationShutdown } from '@nestjs/common';
import { guardedLookup, judgeLiteral, type ResolveAll } from './address-guard.js';
import { USER_AGENT } from './user-agent.js';
import {
  exchange,
  exchangeStatus,
  type Answered,
  type Axios,
  type Delivery,
  type Exchange,
} from './webhook-exchange.js';

export type { Answered };
import { webhookFailed } from './webhook-failure.js';
import { nextStep, type Step } from './webhook-redirect.js';
import type { WebhookTarget } from './webhook-target.js';

const MAX_REDIRECTS = 5;

/**
 * An idle connection is given up before the server does it (Node's own after 5 s; a shorter
 * `Keep-Alive` header is heeded), because a request that meets a closing one fails.
 */
const IDLE_MS = 4000;

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
    this.trusted = new Agents(plainLookup(resolve));
    this.guarded = new Agents(guardedLookup(resolve));
  }

  /**
   * One POST, and what its redirects ask for within the same host. The status decides nothing here:
   * whatever it is, it is returned.
   *
   * @throws TrackingError `WEBHOOK_FAILED` or `WEBHOOK_REFUSED`
   */
  async post(
    target: WebhookTarget,
    body: string,
    signature: Record<string, string> = {},
  ): Promise<Delivery> {
    const prepared = this.prepare(target);
    let step: Step = { method: 'POST', url: prepared.url };
    for (let followed = 0; followed <= MAX_REDIRECTS; followed++) {
      const delivery = await exchange(this.axios, this.toExchange(prepared, step, body, signature));
      const next = nextStep(step, delivery.response);
      if (!next) return delivery;
      step = next;
    }
    throw webhookFailed('it redirects in a loop');
  }

  /** Works out once what all requests to a target have in common. */
  prepare(target: WebhookTarget): PreparedTarget {
    return {
      ...target,
      url: withoutCredentials(target.url),
      headers: {
        'User-Agent': USER_AGENT,
        'Accept-Encoding': 'identity',
        Accept: '*/*',
        ...credentialsOf(target.url),
        ...target.headers,
      },
    };
  }

  /**
   * One POST, which follows nothing. The body of the answer is dropped.
   *
   * @throws TrackingError `WEBHOOK_FAILED` or `WEBHOOK_REFUSED`
   */
  async deliver(
    target: PreparedTarget,
    body: string,
    signature: Record<string, string> = {},
  ): Promise<Answered> {
    const step: Step = { method: 'POST', url: target.url };
    return exchangeStatus(this.axios, this.toExchange(target, step, body, signature));
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

  /** Closes all connections, whatever they are at. */
  abort(): void {
    this.trusted.destroy();
    this.guarded.destroy();
  }

  private toExchange(
    target: PreparedTarget,
    { method, url }: Step,
    body: string,
    signature: Record<string, string>,
  ): Exchange {
    if (!target.allowPrivate) judgeLiteral(url);
    const posts = method === 'POST';
    return {
      method,
      url,
      headers: {
        Host: url.host,
        ...target.headers,
        ...(posts && {
          'Content-Length': Buffer.byteLength(body),
          'Content-Type': 'application/json',
          ...signature,
        }),
      },
      body: posts ? body : undefined,
      agent: (target.allowPrivate ? this.trusted : this.guarded).of(url),
      timeoutMs: target.timeoutMs,
    };
  }
}

/** A target, and what every request to it starts with. */
export interface PreparedTarget extends WebhookTarget {
  readonly headers: Readonly<Record<string, string>>;
}

/** The connections of one kind of target. */
class Agents {
  private readonly http: HttpAgent;
  private readonly https: HttpsAgent;

  constructor(lookup: LookupFunction) {
    // Node hands them to the socket, though the types of agents do not say so.
    const options = { keepAlive: true, timeout: IDLE_MS, lookup };
    this.http = new HttpAgent(options);
    this.https = new HttpsAgent(options);
  }

  of({ protocol }: URL): HttpAgent {
    return protocol === 'https:' ? this.https : this.http;
  }

  /** Keeps no connection from now on. */
  retire(): void {
    for (const agent of [this.http, this.https]) {
      // What the agent looks at when a request is done; its types do not say so.
      (agent as { keepAlive?: boolean }).keepAlive = false;
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    }
  }

  destroy(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

function plainLookup(resolve: ResolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) callback(error, '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
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

function withoutCredentials(given: URL): URL {
  const url = new URL(given);
  url.username = '';
  url.password = '';
  return url;
}
