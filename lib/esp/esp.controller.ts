import type { IncomingMessage } from 'node:http';
import { All, Controller, Inject, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { bodyOf } from '../util/body-reader.js';
import { send, type FrameworkResponse } from '../util/http-reply.js';
import { EspHandler, type EspReply } from './esp-handler.js';
import { unreadBody } from './esp-refusal.js';
import { EspRoutes } from './esp-routes.js';

/** Node's request. Express adds the URL as it was before it was mounted somewhere. */
type NodeRequest = IncomingMessage & { originalUrl?: string; raw?: undefined };

/** What the framework hands out: Express's request, or Fastify's with Node's below it. */
type FrameworkRequest = NodeRequest | { raw: NodeRequest };

/** The answer for a path without a provider. */
export const NOT_FOUND: EspReply = {
  status: 404,
  body: 'No provider has this path. Check the path and the providers that are configured.\n',
  headers: {},
};

/** Where providers post. Its paths come from the options, when the app starts. */
@Controller({ version: VERSION_NEUTRAL })
export class EspTrackingController {
  /** @internal */
  constructor(
    @Inject(EspRoutes) private readonly routes: EspRoutes,
    @Inject(EspHandler) private readonly handler: EspHandler,
  ) {}

  /** Answers every method of every route. */
  @All()
  async answer(
    @Req() request: FrameworkRequest,
    @Res() response: FrameworkResponse,
  ): Promise<void> {
    sendAnswer(response, await this.handle(request));
  }

  private async handle(request: FrameworkRequest): Promise<EspReply> {
    const raw = request.raw ?? request;
    const url = raw.originalUrl ?? raw.url ?? '';
    const ready = this.routes.find(url.split('?', 1)[0]!);
    if (!ready) return NOT_FOUND;
    const { body = Buffer.alloc(0), headers = raw.headers } = bodyOf(raw) ?? {};
    if (!Buffer.isBuffer(body)) return this.handler.refuse(ready, unreadBody(body));
    const isTls = 'encrypted' in raw.socket && raw.socket.encrypted === true;
    return this.handler.handle(ready, {
      method: raw.method ?? '',
      url,
      headers,
      body,
      seenUrl: `${isTls ? 'https' : 'http'}://${headers.host ?? ''}${url}`,
    });
  }
}

/** Answers past the host's interceptors, which might make something else of it. */
export function sendAnswer(response: FrameworkResponse, answer: EspReply): void {
  const body = Buffer.from(answer.body);
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(body.length),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...answer.headers,
  };
  send(response, { status: answer.status, headers, body });
}
