import { extractToken, spellingsOf } from '../../lib/link/find-token.js';
import { MAX_TOKEN_LENGTH } from '../../lib/link/tracking-url.js';

describe('the token of a URL', () => {
  test.each([
    ['TOKEN', 'TOKEN'],
    ['/TOKEN', 'TOKEN'],
    ['/open/TOKEN', 'TOKEN'],
    ['/open/TOKEN/', 'TOKEN'],
    ['https://t.example.com/open/TOKEN', 'TOKEN'],
    ['https://t.example.com/open/TOKEN///', 'TOKEN'],
    ['https://t.example.com/open/TOKEN?utm_source=x/y', 'TOKEN'],
    ['https://t.example.com/open/TOKEN#a/b', 'TOKEN'],
    ['//t.example.com/TOKEN', 'TOKEN'],
    ['TO%4bEN%3D%3d', 'TOKEN=='],
    ['TOKEN%2F', 'TOKEN'],
    ['TO%00KEN%25', 'TO'],
    ['https://t.example.com', ''],
    ['https://t.example.com/', ''],
    ['', ''],
    ['///', ''],
    ['x'.repeat(MAX_TOKEN_LENGTH), 'x'.repeat(MAX_TOKEN_LENGTH)],
    ['x'.repeat(MAX_TOKEN_LENGTH + 1), ''],
  ])('%#', (input, expected) => {
    expect(extractToken(input)).toBe(expected);
  });
});

const TOKEN = 'pbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AB';

describe('what a mail client did to a URL', () => {
  test.each([
    ['/open/TOKEN%253D', 'TOKEN', 'escapes are undone once'],
    ['/a.b~c/v1.2/TOKEN.', 'TOKEN', 'the path of a base URL may hold punctuation'],
    [`/my%20links/${TOKEN}`, TOKEN, 'and escapes'],
    [`/campaign-tracking-service.v2/${TOKEN}%20`, TOKEN, 'also behind a long name'],
    [`/o/${TOKEN}/`, TOKEN, 'appendSlash'],
    [`/o/${TOKEN}/).`, TOKEN, 'appendSlash, with punctuation behind it'],
    [`/o/${TOKEN}/_`, TOKEN, 'appendSlash, in underscores'],
    [`/o/${TOKEN}/%E2%80%8B`, TOKEN, 'appendSlash, with an invisible character'],
    [`/o/${TOKEN}%22%3Ehere%3C/a%3E`, TOKEN, 'markup behind it'],
    [`/o/${TOKEN}&u=https://example.com/a-name-of-more-than-16`, TOKEN, 'a parameter with slashes'],
    [`/o/${TOKEN},https://example.com/`, TOKEN, 'another URL behind a comma'],
    [`https://t.example.com/o/${TOKEN}%20https://example.com/x`, TOKEN, 'another URL'],
    [`/o/%E2%80%8B${TOKEN}`, TOKEN, 'an invisible character in front'],
    ['/o/%ff%fe', 'o', 'what is not UTF-8 ends a token'],
  ])('%s', (url, expected, _why) => {
    expect(extractToken(url)).toBe(expected);
  });

  const [head, tail] = [TOKEN.slice(0, 20), TOKEN.slice(20)];
  test.each([
    '%0A',
    '%0D%0A',
    '%09',
    '=%0A',
    '%3D%0d%0a',
    '=\r\n',
    '%E2%80%8B',
    '%C2%AD',
    '%E2%81%A6%E2%80%8E',
    '\u200b',
  ])('%j inside a token is taken out where 16 characters follow', (between) => {
    expect(extractToken(`/o/${head}${between}${tail}`)).toBe(TOKEN);
    expect(extractToken(`/o/${head}${between}${tail.slice(0, 15)}`)).toBe(
      between.startsWith('=') || between.startsWith('%3D') ? `${head}=` : head,
    );
  });

  test.each(['-'.repeat(20), '='.repeat(40), '_'.repeat(16)])(
    'does not take a separator line for a token: %s',
    (rule) => {
      expect(extractToken(`/o/${TOKEN}%0A${rule}`)).toBe(TOKEN);
    },
  );

  test.each(['\u200b', '=\r\n', 'a/', 'aaaaaaaaaaaaaaaa%0A', '-_', '%', '/', ' '])(
    'of 40 000 characters, all %j, is no token that is too long',
    (text) => {
      const url = `/o/${text.repeat(40_000 / text.length)}`;
      expect(extractToken(url).length).toBeLessThanOrEqual(MAX_TOKEN_LENGTH);
    },
  );
});

describe('the spellings of a token', () => {
  test.each([
    ['sealed', 'abcd', ['abcd']],
    ['sealed', 'abcd==', ['abcd']],
    ['sealed', 'abcd=3D', ['abcd=3D']],
    ['sealed', 'abcd==_', ['abcd==_', 'abcd', 'abcd=', 'abcd==']],
    ['sealed', 'abcd_', ['abcd_', 'abcd']],
    ['sealed', 'abc-_=', ['abc-_', 'abc', 'abc-']],
    ['sealed', '__', ['__', '', '_']],
    ['sealed', `a${'_'.repeat(9000)}`, [`a${'_'.repeat(9000)}`, 'a', 'a_', 'a__', 'a___']],
    ['unsealed', 'abcd_=', ['abcd_']],
    ['own', 'ab=cd', ['ab=cd']],
    ['own', 'abcd==', ['abcd==', 'abcd']],
    ['own', 'abcd_', ['abcd_']],
  ] as const)('%s, %s', (kind, token, expected) => {
    expect(spellingsOf(token, kind)).toEqual(expected);
  });
});
