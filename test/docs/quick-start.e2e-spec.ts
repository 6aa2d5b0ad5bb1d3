import * as common from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as eventEmitter from '@nestjs/event-emitter';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { jest } from '@jest/globals';
import * as tracking from 'nestjs-email-tracking';
import { KEY } from '../support/app.js';
import { request } from '../support/http.js';
import { until } from '../support/until.js';
import { documents } from './documents.js';
import { runBlock } from './run-block.js';
import { fileNameOf } from './markdown.js';

const section = documents
  .get('README.md')!
  .blocks.filter((block) => block.section === 'Quick start');

function appModule(): Type {
  const block = section.find((one) => fileNameOf(one) === 'app.module.ts')!;
  const { AppModule } = runBlock<{ AppModule: Type }>(block, {
    '@nestjs/common': common,
    '@nestjs/event-emitter': eventEmitter,
    'nestjs-email-tracking': tracking,
  });
  return AppModule;
}

describe.each(['express', 'fastify'])('the quick start of README.md on %s', (platform) => {
  let app: INestApplication;
  let url: string;
  const lines: string[] = [];
  const before = process.env.TRACKING_ENCRYPTION_KEY;

  beforeAll(async () => {
    process.env.TRACKING_ENCRYPTION_KEY = KEY;
    jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
      lines.push(words.join(' ').trim());
    });
    const AppModule = appModule();
    app =
      platform === 'fastify'
        ? await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false })
        : await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });

  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
    if (before === undefined) delete process.env.TRACKING_ENCRYPTION_KEY;
    else process.env.TRACKING_ENCRYPTION_KEY = before;
  });

  test('shows the mail, answers its pixel and link, and prints what it says', async () => {
    const mail = await request(`${url}/preview`);
    expect(mail.headers['content-type']).toMatch(/^text\/html/);
    const html = mail.body.toString();

    const pixel = await request(here(/<img src="([^"]+)"/.exec(html)![1]!));
    expect(pixel.status).toBe(200);
    expect(pixel.headers['content-type']).toBe('image/png');
    await until(() => lines.length === 1);

    const click = await request(here(/<a href="([^"]+)"/.exec(html)![1]!));
    expect(click.status).toBe(302);
    expect(click.headers.location).toBe('https://example.com/');
    await until(() => lines.length === 2);

    const shown = section.find(({ language }) => language === 'text')!.code;
    expect(lines).toEqual(shown.trim().split('\n'));
  });

  /** The URLs of the mail start with `http://localhost:3000`; the app of this test is elsewhere. */
  function here(trackingUrl: string): string {
    const { origin, pathname } = new URL(trackingUrl);
    expect(origin).toBe('http://localhost:3000');
    return url + pathname;
  }
});
