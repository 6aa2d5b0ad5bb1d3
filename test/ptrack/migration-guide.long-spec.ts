import { BuiltApp } from '../docs/built-app.js';
import { fileNameOf, readDocument } from '../docs/markdown.js';
import { request } from '../support/http.js';
import { GIF, SECRET } from './ptrack-vectors.js';

const guide = readDocument('docs/migrating-from-ptrack.md');
const blocks = guide.blocks.filter(
  ({ section, language }) => section === 'Settings and callbacks' && language === 'ts',
);

/** django-ptrack's own test made this one: `[['testarg'], {}]`. */
const TOKEN = '1f_7thv9p6UG2BmJ8y1yJxKviHwecc_9WTI6ou313wdlOtsqjfVeRH6ltuHgt5t82Oh07vQ9N_0k';

test('the app of the guide answers a link that Django made', async () => {
  const sources = new Map(blocks.map((block) => [fileNameOf(block)!, block.code]));
  expect([...sources.keys()]).toEqual(['app.module.ts', 'mail-pixels.ts']);
  sources.set(
    'main.ts',
    `import { NestFactory } from '@nestjs/core';
    import { AppModule } from './app.module.js';
    const app = await NestFactory.create(AppModule);
    await app.listen(process.env.PORT!, '127.0.0.1');`,
  );
  const app = await BuiltApp.start(sources, () => ({ PTRACK_SECRET: SECRET }));
  try {
    const { status, headers, body } = await request(`${app.url}/ptrack/${TOKEN}/`, {
      headers: { 'user-agent': 'Mail/1' },
    });
    expect([status, headers['content-type']]).toEqual([200, 'image/gif']);
    expect(body.toString('base64')).toBe(GIF);
    await app.printed(/undefined opened testarg with Mail\/1/);
  } finally {
    await app.stop();
  }
}, 60_000);
