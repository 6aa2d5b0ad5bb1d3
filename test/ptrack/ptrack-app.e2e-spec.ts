import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  OpenTrackingController,
  TrackingError,
  type LinkCodec,
  type LinkPayload,
  type TrackingEvent,
  type TrackingModuleOptions,
  type TrackingOverrides,
  type TrackingRequest,
} from 'nestjs-email-tracking';
import { PtrackCodec, ptrackTag } from 'nestjs-email-tracking/ptrack';
import { OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';
import { GIF, SECRET } from './ptrack-vectors.js';

const PTRACK = {
  baseOpenTrackingUrl: 'https://www.example.com/ptrack/',
  baseClickTrackingUrl: 'https://www.example.com/ptrack-click/',
  appendSlash: true,
  pixel: 'gif',
  format: new PtrackCodec(SECRET),
} satisfies Partial<TrackingModuleOptions>;

function srcOf(tag: string): string {
  return /^<img src='([^']+)' width=1 height=1>$/.exec(tag)![1]!;
}

function expectGif({ status, headers, body }: Answer, expected = 200) {
  expect({ status, type: headers['content-type'], length: headers['content-length'] }).toEqual({
    status: expected,
    type: 'image/gif',
    length: '43',
  });
  expect(body.toString('base64')).toBe(GIF);
}

describe.each(PLATFORMS)('a migrated app on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start(platform, { tracking: PTRACK });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    app.recorder.events.length = 0;
    app.recorder.decodingErrors.length = 0;
  });

  const url = () => srcOf(ptrackTag(app.tracking, ['a'], { k: 'v' }));
  const recorded = async () => {
    await app.settled();
    return app.recorder.events.map(({ metadata }) => metadata);
  };

  test('an open: GIF, args and kwargs, and headers that keep it from caches', async () => {
    const answer = await app.get(url());
    expectGif(answer);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store, no-cache, must-revalidate, max-age=0',
      pragma: 'no-cache',
      expires: '0',
      'x-robots-tag': 'noindex, nofollow',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(await recorded()).toEqual([{ args: ['a'], kwargs: { k: 'v' } }]);
  });

  test('HEAD records nothing, OPTIONS is not served', async () => {
    const head = await app.get(url(), { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '43', 0]);
    const options = await app.get(url(), { method: 'OPTIONS' });
    expect([options.status, options.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(await recorded()).toEqual([]);
  });

  test('a token that lost its = is read, with and without a slash, escaped or not', async () => {
    const padded = srcOf(ptrackTag(app.tracking, ['aa']));
    expect(padded).toMatch(/==\/$/);
    const variants = [
      padded.replace('==/', '/'),
      padded.replace('==/', '='),
      padded.replace('==/', '%3D%3D/'),
      padded.replace('==/', '%3d%3d'),
      `${padded}?utm_source=x`,
    ];
    for (const variant of variants) expectGif(await app.get(variant));
    expect(await recorded()).toEqual(variants.map(() => ({ args: ['aa'], kwargs: {} })));
  });

  test('ignores the path before the token', async () => {
    expectGif(await app.get(url().replace('/ptrack/', '/ptrack/eu/mirror/')));
    expect(await recorded()).toHaveLength(1);
  });

  test('an unreadable token is a GIF for the reader, and 404 and an event for you', async () => {
    for (const path of ['/ptrack/a/b/c/', '/ptrack/thisisnotencryptedata/', '/ptrack/x']) {
      expectGif(await app.get(path), 404);
    }
    expect(await recorded()).toEqual([]);
    expect(app.recorder.decodingErrors.map(({ error }) => error.code)).toEqual([
      'INVALID_TOKEN',
      'INVALID_TOKEN',
      'INVALID_TOKEN',
    ]);
  });

  test('getOpenTrackingPixel is the GIF', () => {
    const { content, mimeType } = app.tracking.getOpenTrackingPixel();
    expect([mimeType, content.length, content.toString('base64')]).toEqual(['image/gif', 43, GIF]);
    content.fill(0);
    expect(app.tracking.getOpenTrackingPixel().content.toString('base64')).toBe(GIF);
  });
});

describe.each(PLATFORMS)('several callbacks on %s', (platform) => {
  const called: string[] = [];

  @Injectable()
  class Statistics {
    @OnEvent('tracking.open')
    record({ metadata }: TrackingEvent) {
      called.push(`statistics ${JSON.stringify(metadata.args)}`);
    }
  }

  @Injectable()
  class Broken {
    @OnEvent('tracking.open')
    record() {
      called.push('broken');
      throw new Error('the database is away');
    }
  }

  @Injectable()
  class Audit {
    @OnEvent('tracking.open')
    async record({ metadata }: TrackingEvent) {
      await Promise.resolve();
      called.push(`audit ${JSON.stringify(metadata.kwargs)}`);
    }
  }

  test('are several handlers, and one that fails breaks neither the answer nor the others', async () => {
    called.length = 0;
    const app = await TestApp.start(platform, {
      tracking: PTRACK,
      metadata: { providers: [Statistics, Broken, Audit] },
    });
    try {
      expectGif(await app.get(srcOf(ptrackTag(app.tracking, ['a'], { k: 1 }))));
      await app.settled();
      expect(called.sort()).toEqual(['audit {"k":1}', 'broken', 'statistics ["a"]']);
      expect(app.logs.text).toContain('the database is away');
    } finally {
      await app.close();
    }
  });
});

describe.each(PLATFORMS)('a public mirror on %s', (platform) => {
  test('is a second process with the same secrets and paths', async () => {
    // Writes mail and serves nobody outside; the mirror serves and never writes.
    const tracking = { ...PTRACK, baseOpenTrackingUrl: 'https://mirror.example.com/ptrack/' };
    const inside = await TestApp.start(platform, { tracking: { ...tracking, controllers: false } });
    const mirror = await TestApp.start(platform, {
      tracking: { ...tracking, format: new PtrackCodec(SECRET) },
    });
    try {
      const url = srcOf(ptrackTag(inside.tracking, ['campaign-7'], { user_id: 7 }));
      expect(url).toMatch(/^https:\/\/mirror\.example\.com\/ptrack\//);
      expect((await inside.get(url)).status).toBe(404);
      expectGif(await mirror.get(url));
      await mirror.settled();
      expect(inside.recorder.events).toEqual([]);
      expect(mirror.recorder.events).toMatchObject([
        { eventType: 'opened', metadata: { args: ['campaign-7'], kwargs: { user_id: 7 } } },
      ]);
    } finally {
      await inside.close();
      await mirror.close();
    }
  });
});

describe.each(PLATFORMS)('the rollout on %s', (platform) => {
  test('old links and new ones are read side by side at each step', async () => {
    const { format: ptrack, ...shared } = PTRACK;
    const readBoth: Partial<TrackingModuleOptions> = {
      ...shared,
      format: ptrack,
      accept: ['packed'],
    };
    const writeNew: Partial<TrackingModuleOptions> = {
      ...shared,
      format: 'packed',
      accept: [ptrack],
    };
    const apps: TestApp[] = [];
    try {
      for (const tracking of [readBoth, writeNew]) {
        apps.push(await TestApp.start(platform, { tracking }));
      }
      const urls = apps.map(({ tracking }) => srcOf(ptrackTag(tracking, ['a'], { k: 'v' })));
      for (const app of apps) {
        for (const url of urls) expectGif(await app.get(url));
        await app.settled();
        expect(app.recorder.events.map(({ metadata }) => metadata)).toEqual(
          urls.map(() => ({ args: ['a'], kwargs: { k: 'v' } })),
        );
        expect(app.recorder.events.map(({ result }) => result!.format)).toEqual([
          'ptrack',
          'packed',
        ]);
      }
    } finally {
      for (const app of apps) await app.close();
    }
  });
});

describe.each(PLATFORMS)('an encoder of one’s own on %s', (platform) => {
  /** What overrode `ptrack.ptrack_encoder`, as a codec. */
  class HexCodec implements LinkCodec {
    readonly name = 'hex';

    encode({ metadata = {} }: LinkPayload): string {
      return Buffer.from(JSON.stringify(metadata)).toString('hex');
    }

    decode(token: string): LinkPayload {
      try {
        return { metadata: JSON.parse(Buffer.from(token, 'hex').toString()) };
      } catch {
        throw new TrackingError('INVALID_TOKEN', 'Not one of ours.');
      }
    }
  }

  test('writes and reads, tag and view alike', async () => {
    const app = await TestApp.start(platform, {
      tracking: { ...PTRACK, format: new HexCodec(), accept: [PTRACK.format] },
    });
    try {
      const url = srcOf(ptrackTag(app.tracking, ['a']));
      expect(url).toMatch(/\/[0-9a-f]+\/$/);
      expectGif(await app.get(url));
      await app.settled();
      expect(app.recorder.events).toMatchObject([{ metadata: { args: ['a'], kwargs: {} } }]);
    } finally {
      await app.close();
    }
  });
});

describe.each(PLATFORMS)('the option pixel on %s', (platform) => {
  class ByHost extends OpenTrackingController {
    protected override getConfiguration({ headers }: TrackingRequest): TrackingOverrides {
      if (headers['x-pixel'] === 'none') throw new Error('no tenant');
      return headers['x-pixel'] === undefined ? {} : { pixel: headers['x-pixel'] as 'png' | 'gif' };
    }
  }

  test('can differ from request to request', async () => {
    const app = await TestApp.start(platform, { tracking: { controllers: { open: ByHost } } });
    try {
      const url = app.tracking.getOpenTrackingUrl();
      const typeOf = async (path: string, pixel?: string) => {
        const headers = pixel === undefined ? undefined : { 'x-pixel': pixel };
        const answer = await app.get(path, { headers });
        return `${answer.status} ${answer.headers['content-type']} ${answer.body.length}`;
      };
      expect(await typeOf(url)).toBe('200 image/png 68');
      expect(await typeOf(url, 'gif')).toBe('200 image/gif 43');
      expect(await typeOf('/open/broken', 'gif')).toBe('404 image/gif 43');
      expect(await typeOf('/open/broken')).toBe('404 image/png 68');
      expect(await typeOf(url, 'none')).toBe('404 image/png 68');
      // No such image: the override is refused, and the base answers.
      expect(await typeOf(url, 'jpeg')).toBe('404 image/png 68');
      expect(app.tracking.getOpenTrackingPixel().mimeType).toBe('image/png');
    } finally {
      await app.close();
    }
  });

  test('is checked at start-up', async () => {
    const tracking = { pixel: 'jpeg' as never, encryptionKey: OTHER_KEY };
    await expect(TestApp.start(platform, { tracking })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/pixel: must be 'png' or 'gif'/),
    });
  });
});
