import fc from 'fast-check';
import {
  type JsonValue,
  type LinkCodec,
  type LinkPayload,
  type LinkPurpose,
  type Metadata,
} from 'nestjs-email-tracking';
import { PtrackCodec, ptrackTag } from 'nestjs-email-tracking/ptrack';
import { ptrackKey, sealBox } from '../../lib/ptrack/ptrack-box.js';
import { writePtrackPayload } from '../../lib/ptrack/ptrack-payload.js';
import { serviceFor } from '../support/service.js';
import { codeOf, expectRefusals, sealed } from './mutated-tokens.js';
import { SECRET, valid } from './ptrack-vectors.js';

const codec = new PtrackCodec(SECRET);

function messageOf(call: () => unknown): string {
  try {
    call();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/** The codec with a nonce that is known beforehand, for equality by bytes. */
function withNonce(secret: string, nonce: Buffer): LinkCodec {
  return {
    name: 'ptrack-with-known-nonce',
    encode(payload: LinkPayload) {
      const box = sealBox(ptrackKey(secret), writePtrackPayload(payload), nonce);
      return box.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    },
    decode: () => ({}),
  };
}

/** 2^53 + 1 is rounded as soon as JavaScript reads it. */
const NOT_BY_BYTES = ['big-int'];

const made = valid.filter(({ input }) => input.token === undefined);
const byBytes = made.filter(({ name }) => !NOT_BY_BYTES.includes(name));

describe('what django-ptrack wrote', () => {
  test.each(made)('the key of $name', ({ input, output }) => {
    expect(Buffer.from(ptrackKey(input.secret)).toString('hex')).toBe(output.key_hex);
  });

  test.each(byBytes)('$name is written here byte for byte', ({ input, output }) => {
    const { args, kwargs, secret, app_url } = input;
    expect(writePtrackPayload({ metadata: { args, kwargs } }).toString()).toBe(output.payload_json);
    const tracking = serviceFor({
      baseOpenTrackingUrl: `${app_url}/ptrack/`,
      appendSlash: true,
      format: withNonce(secret, Buffer.from(output.nonce_hex, 'hex')),
    });
    expect(tracking.getOpenTrackingUrl({ args, kwargs })).toBe(output.url);
    expect(ptrackTag(tracking, args, kwargs)).toBe(output.img_tag);
  });

  test.each(valid)('$name is read here', ({ input, output }) => {
    const tracking = serviceFor({ accept: [new PtrackCodec(['another', input.secret])] });
    const result = tracking.getOpenTrackingResult(output.url ?? input.token);
    const [args, kwargs] = output.decoded;
    expect(result).toMatchObject({ format: 'ptrack', keyId: null, sentAt: null });
    expect(JSON.stringify(result.metadata)).toBe(JSON.stringify({ args, kwargs }));
  });
});

test('a token of django-ptrack’s own test suite is read', () => {
  const token = '1f_7thv9p6UG2BmJ8y1yJxKviHwecc_9WTI6ou313wdlOtsqjfVeRH6ltuHgt5t82Oh07vQ9N_0k';
  expect(codec.decode(token, 'open')).toEqual({ metadata: { args: ['testarg'], kwargs: {} } });
});

describe('secrets', () => {
  test.each([
    ['empty', ''],
    ['of 33 characters', 'x'.repeat(33)],
    ['not ASCII', 'é'],
    ['not ASCII and of 32 bytes with its padding', 'é'.repeat(5)],
    ['not there', undefined],
    ['no text', 7 as never],
    ['no list', []],
    ['empty in a list', [SECRET, '']],
  ])('%s is refused, and not shown', (_, secret) => {
    expect(codeOf(() => new PtrackCodec(secret))).toBe('INVALID_OPTIONS');
    const message = messageOf(() => new PtrackCodec(secret));
    expect(message).toMatch(/PTRACK_SECRET of the Django app, 1 to 32 ASCII/);
    for (const text of [secret].flat()) if (text) expect(message).not.toContain(String(text));
  });

  test('the secret is not shown by what prints a codec', async () => {
    const { inspect } = await import('node:util');
    const hidden = new PtrackCodec('verysecret');
    expect(inspect(hidden, { depth: 9, showHidden: true })).not.toMatch(/verysecret|76, ?65/);
    expect(JSON.stringify(hidden)).toBe('{"name":"ptrack"}');
  });

  test('rotate: the first one writes, all of them read', () => {
    const [before, after] = [new PtrackCodec('old'), new PtrackCodec(['new', 'old'])];
    const [oldToken, newToken] = [before, after].map((each) => each.encode({}, 'open'));
    expect(after.decode(oldToken!, 'open')).toEqual(after.decode(newToken!, 'open'));
    expect(codeOf(() => before.decode(newToken!, 'open'))).toBe('INVALID_TOKEN');
    expect(new PtrackCodec('new').decode(newToken!, 'open')).toBeDefined();
  });
});

describe('writing', () => {
  test('a nonce is used once', () => {
    const tokens = Array.from({ length: 1000 }, () => codec.encode({}, 'open'));
    const nonces = tokens.map((token) => token.slice(0, 32));
    expect(new Set(nonces).size).toBe(1000);
  });

  const other: unknown[] = [
    { campaign: 'spring' },
    { args: [1], kwargs: {}, more: 1 },
    { args: { a: 1 } },
    { args: 'ab' },
    { kwargs: [1] },
    { kwargs: null },
    { args: null },
  ];
  test.each(other)('metadata %j is refused', (metadata) => {
    const call = () => codec.encode({ metadata: metadata as Metadata }, 'open');
    expect(codeOf(call)).toBe('INVALID_METADATA');
    expect(messageOf(call)).toMatch(/\{ args: \[…\], kwargs: \{…\} \}; put what .* into kwargs/);
  });

  test('either may be left out', () => {
    const read = (payload: LinkPayload) => codec.decode(codec.encode(payload, 'open'), 'open');
    expect(read({})).toEqual({ metadata: { args: [], kwargs: {} } });
    expect(read({ metadata: { args: [1] } })).toEqual({ metadata: { args: [1], kwargs: {} } });
    expect(read({ metadata: { kwargs: { a: 1 } } })).toEqual({
      metadata: { args: [], kwargs: { a: 1 } },
    });
  });

  test('a click is refused, and so is reading one', () => {
    const write = () => codec.encode({ url: 'https://example.com/' }, 'click');
    expect(codeOf(write)).toBe('WRONG_PURPOSE');
    expect(messageOf(write)).toContain('clickTracking: false');
    const token = codec.encode({}, 'open');
    for (const purpose of ['click', 'unsubscribe'] as LinkPurpose[]) {
      expect(codeOf(() => codec.decode(token, purpose))).toBe('WRONG_PURPOSE');
      expect(codeOf(() => codec.decode('x'.repeat(80), purpose))).toBe('INVALID_TOKEN');
    }
  });

  test('a webhook is refused', () => {
    const tracking = serviceFor({
      format: codec,
      includeWebhookUrl: true,
      webhookUrl: 'https://hooks.example.com/',
    });
    expect(codeOf(() => tracking.getOpenTrackingUrl())).toBe('INVALID_METADATA');
  });

  test('message id, recipient and tags travel as kwargs and come back', () => {
    const tracking = serviceFor({ format: codec });
    const context = { messageId: '<m@x>', recipient: 'ann@example.com', tags: ['a', 'b'] };
    const url = tracking.getOpenTrackingUrl({ args: [1], kwargs: { user_id: 7 } }, context);
    const kwargs = {
      user_id: 7,
      message_id: '<m@x>',
      recipient: 'ann@example.com',
      tags: ['a', 'b'],
    };
    expect(tracking.getOpenTrackingResult(url)).toMatchObject({
      ...context,
      metadata: { args: [1], kwargs },
    });
    const own = tracking.getOpenTrackingUrl({ kwargs: { recipient: 'own', tags: 7 } }, context);
    expect(tracking.getOpenTrackingResult(own)).toMatchObject({
      messageId: '<m@x>',
      recipient: 'own',
      tags: [],
      metadata: { kwargs: { recipient: 'own', tags: 7, message_id: '<m@x>' } },
    });
  });

  test('a rewritten mail has such a pixel, without click tracking', () => {
    const tracking = serviceFor({ format: codec, appendSlash: true });
    const mail = '<p><a href="https://example.com/">x</a></p>';
    const html = tracking.adaptHtml(mail, { messageId: 'm', clickTracking: false });
    const [, url] = /<img src="([^"]+)"/.exec(html)!;
    expect(tracking.getOpenTrackingResult(url!)).toMatchObject({
      format: 'ptrack',
      messageId: 'm',
    });
    expect(codeOf(() => tracking.adaptHtml(mail))).toBe('WRONG_PURPOSE');
  });
});

describe('the tag', () => {
  test('works with every format', () => {
    for (const format of ['packed', 'fernet', 'plain', codec] as const) {
      const tracking = serviceFor({ format, appendSlash: true });
      const tag = ptrackTag(tracking, ['a', 1], { k: 'v' }, { messageId: 'm' });
      const [, url] =
        /^<img src='(https:\/\/t\.example\.com\/open\/[\w=-]+\/)' width=1 height=1>$/.exec(tag)!;
      expect(tracking.getOpenTrackingResult(url!)).toMatchObject({
        metadata: { args: ['a', 1], kwargs: { k: 'v' } },
        messageId: 'm',
      });
    }
  });

  test('a base URL cannot end the attribute', () => {
    const tracking = serviceFor({ format: codec, baseOpenTrackingUrl: "https://e.com/o'&/" });
    expect(ptrackTag(tracking)).toMatch(/^<img src='https:\/\/e\.com\/o&#39;&amp;\/[\w=-]+' width/);
  });

  test('what JSON cannot carry is refused', () => {
    const tracking = serviceFor({ format: codec });
    for (const value of [new Date(0), () => 1, NaN, 1n]) {
      expect(codeOf(() => ptrackTag(tracking, [value as never]))).toBe('INVALID_METADATA');
      expect(codeOf(() => ptrackTag(tracking, [], { a: value as never }))).toBe('INVALID_METADATA');
    }
  });
});

describe('reading', () => {
  test('a = that was lost is forgiven, anything else is not', () => {
    const padded = [sealed('[["a"], {}]'), sealed('[["aa"], {}]'), sealed('[["aaa"], {}]')];
    expect(padded.map((token) => token.length - token.replaceAll('=', '').length).sort()).toEqual([
      0, 1, 2,
    ]);
    for (const token of padded) {
      expect(codec.decode(token.replaceAll('=', ''), 'open')).toEqual(codec.decode(token, 'open'));
      for (const wrong of [`${token}=`, `${token}A`, ` ${token}`, `${token}\n`, `!${token}`]) {
        expect(codeOf(() => codec.decode(wrong, 'open'))).toBe('INVALID_TOKEN');
      }
    }
  });

  test.each([
    '',
    '{}',
    '1',
    'null',
    '"ab"',
    '[]',
    '[[1]]',
    '[1, 2]',
    '[[1], {}, 3]',
    '[[1], null]',
    '[null, {}]',
    '["ab", {}]',
    '[{}, []]',
    '[[1], {}',
    '\ufeff[[1], {}]',
    '[[NaN], {}]',
    '[[1e999], {}]',
    '[[1], {"__proto__": {"x": 1}}]',
    `[${'['.repeat(500)}${']'.repeat(500)}, {}]`,
  ])('a good seal around %j is refused', (text) => {
    expect(codeOf(() => codec.decode(sealed(text), 'open'))).toBe('INVALID_TOKEN');
  });

  test('refuses bytes that are not UTF-8', () => {
    const box = sealBox(
      ptrackKey(SECRET),
      Buffer.from('[["\xff"], {}]', 'latin1'),
      Buffer.alloc(24),
    );
    expect(codeOf(() => codec.decode(box.toString('base64url'), 'open'))).toBe('INVALID_TOKEN');
  });

  test('numbers are JavaScript’s', () => {
    const read = (text: string) => codec.decode(sealed(text), 'open').metadata!.args;
    expect(read('[[9007199254740993, 1.0], {}]')).toEqual([9007199254740992, 1]);
  });

  test('2 000 mutated tokens: none is taken for another', () => expectRefusals(2_000));

  test('anything else is refused', () => {
    const token = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    );
    fc.assert(
      fc.property(token, (text) => {
        expect(codeOf(() => codec.decode(text, 'open'))).toBe('INVALID_TOKEN');
      }),
    );
  });

  test('reads what it writes', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
    const hasProto = (value: unknown): boolean => JSON.stringify(value).includes('__proto__');
    fc.assert(
      fc.property(fc.array(json), fc.dictionary(fc.string(), json), (args, kwargs) => {
        fc.pre(!hasProto([args, kwargs]));
        const token = codec.encode({ metadata: { args, kwargs: { ...kwargs } } }, 'open');
        expect(token).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
        const { metadata } = codec.decode(token, 'open');
        expect(metadata).toEqual({ args, kwargs: { ...kwargs } });
      }),
    );
  });
});
