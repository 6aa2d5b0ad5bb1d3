import {
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as http,
} from 'node:http';
import { request as https } from 'node:https';
import type { Socket } from 'node:net';
import type { TrackingError } from '../tracking.error.js';
import { PhaseTimer } from './phase-timer.js';
import { asWebhookError, webhookFailed } from './webhook-failure.js';
import type { WebhookResponse } from './webhook-response.js';

/** The part of axios that is used. Not axios's own type, which is there only where it is installed. */
export interface Axios {
  request(config: object): Promise<unknown>;
}

/** One request, and how it is sent. */
export interface Exchange {
  method: 'GET' | 'POST';
  /** Without user name and password. */
  url: URL;
  headers: Record<string, string | number>;
  /** As text, which Node joins with the head. */
  body: string | undefined;
  agent: Agent;
  timeoutMs: number;
}

/** A response. Its status is valid even if its body could not be read to the end. */
export interface Delivery {
  response: WebhookResponse;
  /** Why the body broke off; not set where we stopped reading. */
  bodyFailure?: TrackingError;
}

/** As much of a body as anyone wants to see. */
const MAX_BODY = 64 * 1024;

/** A body that trickles is read for as long as this many phases. */
const MAX_BODY_PHASES = 3;

/**
 * Sends one request and reads the answer. Follows nothing, retries nothing, uses no proxy of the
 * environment.
 *
 * @throws TrackingError `WEBHOOK_FAILED`, or `WEBHOOK_REFUSED` where the agent's lookup says so
 */
export async function exchange(axios: Axios, given: Exchange): Promise<Delivery> {
  return send(axios, given, (incoming, timer) => read(incoming, timer, given.timeoutMs));
}

/** An answer, as far as it matters whether something has arrived. */
export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
}

/**
 * Like {@link exchange}, but drops the body, and closes the connection after 64 KiB.
 *
 * @throws TrackingError `WEBHOOK_FAILED`, or `WEBHOOK_REFUSED` where the agent's lookup says so
 */
export async function exchangeStatus(axios: Axios, given: Exchange): Promise<Answered> {
  return send(axios, given, async (incoming, timer) => {
    await drop(incoming, timer, given.timeoutMs);
    return { status: incoming.statusCode!, headers: incoming.headers };
  });
}

async function send<T>(
  axios: Axios,
  given: Exchange,
  receive: (incoming: IncomingMessage, timer: PhaseTimer) => Promise<T>,
): Promise<T> {
  let request: ClientRequest | undefined;
  let incoming: IncomingMessage | undefined;
  let failure: unknown;
  const timer = new PhaseTimer(given.timeoutMs, () =>
    (incoming ?? request)?.destroy(
      webhookFailed('it did not answer in time (webhookTimeoutSeconds)'),
    ),
  );

  // axios calls it in place of `http.request`. What it has made of our headers, by its defaults and
  // by those that the app gave it, is left aside.
  const transport = {
    request(_options: unknown, onResponse: (response: IncomingMessage) => void): ClientRequest {
      request = open(given, (response) => {
        incoming = response;
        timer.restart();
        onResponse(response);
      });
      // axios would make a Buffer of it. That it ends the request once more, with nothing, is fine.
      request.end(given.body);
      request.once('error', (error) => (failure ??= error));
      request.once('socket', (socket) => onceConnected(socket, given.url, timer.restart));
      return request;
    },
  };

  try {
    await axios.request({
      url: given.url.href,
      baseURL: '',
      method: given.method,
      transport,
      proxy: false,
      maxRedirects: 0,
      maxBodyLength: Infinity,
      // A limit of axios turns a good status into an error.
      maxContentLength: -1,
      decompress: false,
      responseType: 'stream',
      timeout: 0,
      validateStatus: () => true,
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
    });
    return await receive(incoming!, timer);
  } catch (error) {
    throw asWebhookError(failure ?? error);
  } finally {
    timer.stop();
  }
}

function open(
  { method, url, headers, agent }: Exchange,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  const request = url.protocol === 'https:' ? https : http;
  return request(
    {
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      method,
      headers,
      agent,
    },
    onResponse,
  );
}

function onceConnected(socket: Socket, url: URL, then: () => void): void {
  if (socket.connecting) socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', then);
  else then();
}

async function read(
  incoming: IncomingMessage,
  timer: PhaseTimer,
  timeoutMs: number,
): Promise<Delivery> {
  const end = performance.now() + MAX_BODY_PHASES * timeoutMs;
  const chunks: Buffer[] = [];
  let length = 0;
  let bodyFailure: TrackingError | undefined;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      timer.restart();
      chunks.push(chunk.subarray(0, MAX_BODY - length));
      length += chunk.length;
      // Leaving the loop closes the connection.
      if (length >= MAX_BODY || performance.now() > end) break;
    }
  } catch (error) {
    bodyFailure = asWebhookError(error);
  }
  const response: WebhookResponse = {
    status: incoming.statusCode!,
    headers: { ...incoming.headers },
    body: Buffer.concat(chunks).toString(),
  };
  return bodyFailure ? { response, bodyFailure } : { response };
}

/** A body that breaks off changes nothing: the status has said it all. */
function drop(incoming: IncomingMessage, timer: PhaseTimer, timeoutMs: number): Promise<void> {
  const end = performance.now() + MAX_BODY_PHASES * timeoutMs;
  let length = 0;
  return new Promise((resolve) => {
    const done = () => resolve();
    incoming.on('data', (chunk: Buffer) => {
      timer.restart();
      length += chunk.length;
      if (length >= MAX_BODY || performance.now() > end) incoming.destroy();
    });
    incoming.once('end', done).once('close', done).on('error', done);
  });
}
