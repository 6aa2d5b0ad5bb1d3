import { once } from 'node:events';
import { Writable } from 'node:stream';
import * as common from '@nestjs/common';
import * as nestjsPino from 'nestjs-pino';
import type { Params } from 'nestjs-pino';
import { PLATFORMS, TestApp, type TestAppOptions } from '../support/app.js';
import { until } from '../support/until.js';
import { readDocument } from './markdown.js';
import { runBlock } from './run-block.js';

const { blocks } = readDocument('docs/operations.md');
const [json, pino] = blocks.filter(({ section }) => section === 'Logs');

/** What a reader's request holds that no line may. */
const TOKEN = 'gAAAAABsecretsecretsecret';
const AGENT = 'Mail/1 (somebody)';

interface Line {
  context: string;
  msg?: string;
  message?: string;
  level: number | string;
}

/** Asks for a link that cannot be read. @returns the line about it */
async function lineOf(app: TestApp, lines: () => string[]): Promise<Line> {
  const { status } = await app.get(`/click/${TOKEN}`, { headers: { 'user-agent': AGENT } });
  expect(status).toBe(404);
  const isIt = (line: string) => line.includes('could not be read');
  await until(() => lines().some(isIt), 'the line');
  for (const line of lines()) {
    expect(line).not.toContain(TOKEN);
    expect(line).not.toContain(AGENT);
    expect(line).not.toContain('127.0.0.1');
  }
  return JSON.parse(lines().find(isIt)!) as Line;
}

/** The code in brackets, which searches find. */
const TEXT = /^\[LINK_UNREADABLE\] A link could not be read/;

describe.each(PLATFORMS)('on %s, a line is JSON with code and context', (platform) => {
  const start = (useLogger: (app: common.INestApplication) => void, more: TestAppOptions = {}) =>
    TestApp.start(platform, { ...more, before: useLogger });

  test('by the JSON logger of Nest', async () => {
    const { logger } = runBlock<{ logger: common.LoggerService }>(json!, {
      '@nestjs/common': common,
    });
    let text = '';
    const write = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((chunk) => Boolean((text += String(chunk))));
    const errors = jest
      .spyOn(process.stderr, 'write')
      .mockImplementation((chunk) => Boolean((text += String(chunk))));
    const app = await start((one) => one.useLogger(logger));
    try {
      const line = await lineOf(app, () => text.split('\n').filter(Boolean));
      expect(line).toMatchObject({ level: 'warn', context: 'TrackingResponder' });
      expect(line.message).toMatch(TEXT);
    } finally {
      write.mockRestore();
      errors.mockRestore();
      await app.close();
    }
  });

  test('by nestjs-pino, without the URL, the headers and the address of the request', async () => {
    let text = '';
    const stream = new Writable({
      write: (chunk, _, done) => ((text += String(chunk)), done()),
    });
    let given: Params = {};
    const { PinoLogger } = runBlock<{ PinoLogger: typeof nestjsPino.Logger }>(pino!, {
      'nestjs-pino': {
        ...nestjsPino,
        LoggerModule: { forRoot: (params: Params) => (given = params) },
      },
    });
    const pinoHttp = { ...(given.pinoHttp as object), stream };
    const app = await start((one) => one.useLogger(one.get(PinoLogger)), {
      metadata: { imports: [nestjsPino.LoggerModule.forRoot({ ...given, pinoHttp })] },
    });
    try {
      const line = await lineOf(app, () => text.split('\n').filter(Boolean));
      expect(line).toMatchObject({ level: 40, context: 'TrackingResponder' });
      expect(line.msg).toMatch(TEXT);
    } finally {
      await app.close();
      stream.end();
      await once(stream, 'close');
    }
  });
});
