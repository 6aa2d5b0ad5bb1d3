import * as common from '@nestjs/common';
import { type INestApplication, Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as eventEmitter from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as serverlessExpress from '@codegenie/serverless-express';
import serverlessHttp from 'serverless-http';
import * as tracking from 'nestjs-email-tracking';
import { fileNameOf, readDocument } from './markdown.js';
import { runBlock } from './run-block.js';
import { KEY, PLATFORMS } from '../support/app.js';
import { Receiver } from '../webhook/receiver.js';

const { blocks } = readDocument('docs/operations.md');
const blockOf = (file: string) => blocks.find((block) => fileNameOf(block) === file)!;

const DESTINATION = 'https://www.example.com/sale?a=1';

/** What Lambda is given, and gives back. */
interface LambdaAnswer {
  statusCode: number;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: boolean;
}
type Handler = (event: object, context: object) => Promise<LambdaAnswer>;

/** A function URL's and HTTP API's event, payload version 2.0. */
function eventOf(url: string, method = 'GET'): object {
  const { pathname, search, host } = new URL(url);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { host, 'user-agent': 'Mail/1' },
    requestContext: {
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '198.51.100.9' },
      stage: '$default',
    },
    isBase64Encoded: false,
  };
}

/** A REST API's event, payload version 1.0. */
function oldEventOf(url: string, method = 'GET'): object {
  const { pathname, host } = new URL(url);
  return {
    resource: '/{proxy+}',
    path: pathname,
    httpMethod: method,
    headers: { Host: host, 'User-Agent': 'Mail/1' },
    multiValueHeaders: { Host: [host], 'User-Agent': ['Mail/1'] },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    requestContext: { identity: { sourceIp: '198.51.100.9' }, stage: 'prod', httpMethod: method },
    body: null,
    isBase64Encoded: false,
  };
}

const header = ({ headers, multiValueHeaders }: LambdaAnswer, name: string) =>
  headers?.[name] ?? multiValueHeaders?.[name]?.[0];

const LIBRARIES = [
  ['serverless-http', 'lambda.ts', serverlessHttp],
  ['@codegenie/serverless-express', 'lambda-codegenie.ts', serverlessExpress],
] as const;

let collector: Receiver;
beforeAll(async () => (collector = await Receiver.start()));
afterAll(() => collector.close());

/** What the sink of the recipe has stored by now. */
const saved = () => collector.received.map(({ body }) => JSON.parse(body) as object);

describe.each(LIBRARIES)('the recipe of docs/operations.md for %s', (library, file, exported) => {
  describe.each(PLATFORMS)('on %s', (platform) => {
    let app: INestApplication;
    let handler: Handler;

    beforeAll(() => {
      Logger.overrideLogger(false);
      process.env.TRACKING_ENCRYPTION_KEY = KEY;
      process.env.HITS_URL = collector.url();
      const appModule = runBlock(blockOf('app.module.ts'), {
        '@nestjs/common': common,
        '@nestjs/event-emitter': eventEmitter,
        'nestjs-email-tracking': tracking,
      });
      const create = async (module: Type) => {
        const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
        app = await NestFactory.create(module, adapter, { logger: false });
        return app;
      };
      ({ handler } = runBlock<{ handler: Handler }>(blockOf(file), {
        [library]: exported,
        '@nestjs/core': { NestFactory: { create } },
        './app.module.js': appModule,
      }));
    });
    afterAll(async () => {
      delete process.env.TRACKING_ENCRYPTION_KEY;
      delete process.env.HITS_URL;
      await app.close();
    });
    beforeEach(() => collector.reset());

    // The function that answers first starts the app.
    const service = async () => {
      await handler(eventOf('https://t.example.com/open/broken'), {});
      return app.get(tracking.TrackingService);
    };

    test.each([
      ['an HTTP API', eventOf],
      ['a REST API', oldEventOf],
    ])(
      '%s gets the pixel whole, and the redirect, when the sink has stored the hit',
      async (_, of) => {
        const links = await service();
        const open = links.getOpenTrackingUrl({}, { recipient: 'ann@example.com' });
        const pixel = await handler(of(open), {});
        expect([pixel.statusCode, pixel.isBase64Encoded]).toEqual([200, true]);
        expect(Buffer.from(pixel.body, 'base64')).toEqual(links.getOpenTrackingPixel().content);
        expect(header(pixel, 'content-type')).toBe('image/png');
        expect(header(pixel, 'content-length')).toBe('68');
        expect(saved()).toMatchObject([{ type: 'opened', recipient: 'ann@example.com' }]);

        const click = await handler(of(links.getClickTrackingUrl(DESTINATION)), {});
        expect([click.statusCode, click.body]).toEqual([302, '']);
        expect(header(click, 'location')).toBe(DESTINATION);
        expect(saved()).toHaveLength(2);
      },
    );

    test('gets the refusals', async () => {
      const links = await service();
      const open = links.getOpenTrackingUrl();
      const broken = await handler(eventOf('https://t.example.com/open/broken'), {});
      expect([broken.statusCode, Buffer.from(broken.body, 'base64').length]).toEqual([404, 68]);
      const click = await handler(eventOf('https://t.example.com/click/broken'), {});
      expect([click.statusCode, click.isBase64Encoded]).toEqual([404, false]);
      expect(click.body).toMatch(/not valid/);
      const deleted = await handler(eventOf(open, 'DELETE'), {});
      // serverless-http adds `Content-Length: 0`, and Fastify asks for a type before it routes.
      const isRouted = library !== 'serverless-http' || platform === 'express';
      expect([deleted.statusCode, header(deleted, 'allow')]).toEqual(
        isRouted ? [405, 'GET, HEAD'] : [415, undefined],
      );
      const head = await handler(eventOf(open, 'HEAD'), {});
      expect([head.statusCode, head.body]).toEqual([200, '']);
      expect(saved()).toEqual([]);
    });
  });
});
