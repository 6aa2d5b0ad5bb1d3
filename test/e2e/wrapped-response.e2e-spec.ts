import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { TestApp } from '../support/app.js';

const DESTINATION = 'https://www.example.com/sale';

const esp = () =>
  EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } });
const WEBHOOK = '/anymail/postmark/tracking/';

interface Seen {
  headers: Record<string, unknown>;
  body: Buffer;
}

/** As body loggers and Lambda adapters do: whatever is text is UTF-8, and headers are asked for. */
function logBodies(seen: Seen[]) {
  return (_request: IncomingMessage, raw: ServerResponse, next: () => void) => {
    const chunks: Buffer[] = [];
    const [write, end] = [raw.write.bind(raw), raw.end.bind(raw)] as [
      (chunk: Buffer) => boolean,
      (chunk?: Buffer) => ServerResponse,
    ];
    raw.write = (chunk: string | Buffer) => {
      chunks.push(Buffer.from(chunk as string));
      return write(chunks.at(-1)!);
    };
    raw.end = (chunk?: unknown) => {
      // Fastify 4 writes the body and then calls `end(null, null, null)`.
      const isEmpty = chunk === undefined || chunk === null;
      if (!isEmpty) chunks.push(Buffer.from(chunk as string));
      seen.push({ headers: raw.getHeaders(), body: Buffer.concat(chunks) });
      return isEmpty ? end() : end(chunks.at(-1));
    };
    next();
  };
}

describe('behind middleware that wraps response.end, on express', () => {
  let app: TestApp;
  const seen: Seen[] = [];
  beforeAll(async () => {
    app = await TestApp.start('express', {
      before: (nest) => void nest.use(logBodies(seen)),
      tracking: { pixel: 'png' },
      metadata: { imports: [esp()] },
    });
  });
  afterAll(() => app.close());
  beforeEach(() => void seen.splice(0));

  test('the pixel arrives whole, and the middleware sees it and its headers', async () => {
    const { content } = app.tracking.getOpenTrackingPixel();
    for (const [path, status] of [
      [app.tracking.getOpenTrackingUrl(), 200],
      ['/open/broken', 404],
    ] as const) {
      const answer = await app.get(path);
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual(content);
      expect(answer.headers['content-length']).toBe('68');
    }
    expect(seen.map(({ body }) => body)).toEqual([content, content]);
    expect(seen[0]!.headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '68',
      'cache-control': expect.stringContaining('no-store'),
    });
  });

  test('so do redirects and refusals', async () => {
    const url = app.tracking.getClickTrackingUrl(DESTINATION);
    expect((await app.get(url)).headers.location).toBe(DESTINATION);
    expect((await app.get(url, { method: 'POST' })).status).toBe(405);
    expect((await app.get('/click/broken')).body.toString()).toMatch(/not valid/);
    expect(seen.map(({ headers }) => [headers.location, headers.allow])).toEqual([
      [DESTINATION, undefined],
      [undefined, 'GET, HEAD'],
      [undefined, undefined],
    ]);
  });

  test('so do answers to providers', async () => {
    const refused = await app.get(WEBHOOK, { method: 'POST', body: '{}' });
    expect([refused.status, refused.body.toString()]).toEqual([
      401,
      expect.stringMatching(/basicAuth/),
    ]);
    expect((await app.get(WEBHOOK, { method: 'HEAD' })).status).toBe(200);
    expect(seen.map(({ body }) => body)).toEqual([refused.body, Buffer.alloc(0)]);
    expect(seen[0]!.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(refused.body.length),
      'cache-control': 'no-store',
      'www-authenticate': expect.stringContaining('Basic'),
    });
  });

  test('one connection carries one answer after the other', async () => {
    const { port, hostname } = new URL(app.url);
    const path = new URL(app.tracking.getOpenTrackingUrl()).pathname;
    const head = `GET ${path} HTTP/1.1\r\nHost: t.example.com\r\n`;
    const received = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(Number(port), hostname, () =>
        socket.write(`${head}\r\n${head}Connection: close\r\n\r\n`),
      );
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(chunks)));
      socket.on('error', reject);
    });
    const { content } = app.tracking.getOpenTrackingPixel();
    const answers = received.toString('latin1').split(/(?=HTTP\/1\.1 200)/);
    expect(answers.map((answer) => answer.split('\r\n\r\n')[1])).toEqual(
      Array(2).fill(content.toString('latin1')),
    );
  });
});

test('behind a hook that wraps response.end on fastify, answers arrive whole', async () => {
  const seen: Seen[] = [];
  const log = logBodies(seen);
  const app = await TestApp.start('fastify', {
    before(nest) {
      const fastify = nest.getHttpAdapter().getInstance() as FastifyInstance;
      fastify.addHook('onRequest', ({ raw }, reply, done) => log(raw, reply.raw, done));
    },
    metadata: { imports: [esp()] },
  });
  try {
    const pixel = await app.get(app.tracking.getOpenTrackingUrl());
    expect(pixel.body).toEqual(app.tracking.getOpenTrackingPixel().content);
    const refused = await app.get(WEBHOOK, { method: 'POST', body: '{}' });
    expect([refused.status, refused.body.toString()]).toEqual([
      401,
      expect.stringMatching(/basicAuth/),
    ]);
    expect(seen.map(({ body }) => body)).toEqual([pixel.body, refused.body]);
  } finally {
    await app.close();
  }
});
