import { parseFragment } from 'parse5';
import { decodeAttribute, encodeAttribute } from '../../../lib/message/html/entities.js';
import { FURTHER_REFERENCES } from '../../../lib/message/html/further-names.js';
import { LEGACY_REFERENCES, NAMED_REFERENCES } from '../../../lib/message/html/entity-names.js';

function asParse5(source: string): string | undefined {
  const [node] = parseFragment(`<a href="${source}">`).childNodes;
  return node && 'attrs' in node ? node.attrs[0]?.value : undefined;
}

describe('decodeAttribute', () => {
  it.each([
    ['plain', 'plain'],
    ['?a=1&amp;b=2', '?a=1&b=2'],
    ['?a=1&b=2', '?a=1&b=2'],
    ['?a=1&amp;amp;b=2', '?a=1&amp;b=2'],
    ['?a=1&copy=2', '?a=1&copy=2'],
    ['?a=1&copyright', '?a=1&copyright'],
    ['?a=1&copy', '?a=1©'],
    ['?a=1&copy&b', '?a=1©&b'],
    ['&lt=4&notit=1', '&lt=4&notit=1'],
    ['&#38;&#x26;&#X26&#38', '&&&&'],
    ['&#128;&#x9f;', '€Ÿ'],
    ['&#0;&#xd800;&#x110000;&#99999999999999999999;', '\ufffd\ufffd\ufffd\ufffd'],
    ['&#128512;', '😀'],
    ['&#;&#x;&#xg;&;& &', '&#;&#x;&#xg;&;& &'],
    ['https&colon;&sol;&sol;e&period;com', 'https://e.com'],
    ['a\r\nb\rc\0', 'a\nb\nc\ufffd'],
    ['?a=1&mode;b', '?a=1&mode;b'],
    ['?a=1&copyright;&notit;&ampx;&;', '?a=1&copyright;&notit;&ampx;&;'],
    ['&constructor;&__proto__;&toString', '&constructor;&__proto__;&toString'],
  ])('%j is %j', (source, value) => {
    expect(decodeAttribute(source)).toBe(value);
    expect(asParse5(source)).toBe(value);
  });

  it('knows its names as the standard does', () => {
    expect(LEGACY_REFERENCES.size).toBe(106);
    for (const [name, value] of NAMED_REFERENCES) {
      expect([name, asParse5(`&${name};`)]).toEqual([name, value]);
      for (const follower of ['', '=', 'x', '1', '/']) {
        const source = `&${name}${follower}`;
        expect([source, decodeAttribute(source)]).toEqual([source, asParse5(source)]);
      }
    }
  });

  it('says so when it does not know a name', () => {
    expect(decodeAttribute('https://e.com/?a=&nsubset;')).toBeUndefined();
    expect(decodeAttribute('https://e.com/?a=&nsubset')).toBe('https://e.com/?a=&nsubset');
  });

  it('leaves every other name of the standard alone', () => {
    expect(NAMED_REFERENCES.size + FURTHER_REFERENCES.size).toBe(2125);
    for (const name of FURTHER_REFERENCES) {
      expect([name, decodeAttribute(`&${name};`)]).toEqual([name, undefined]);
      expect(asParse5(`&${name};`)).not.toContain(name);
    }
  });
});

describe('encodeAttribute', () => {
  it.each([
    ['https://t.example.com/click/abc', '', 'https://t.example.com/click/abc'],
    ['https://t.example.com/?t=abc', '', '"https://t.example.com/?t=abc"'],
    ['a&b', '', 'a&amp;b'],
    ['a b"', '', '"a b&quot;"'],
    ['', '', '""'],
    ["'", '', '"\'"'],
    ['a&b"c\'d', '"', "a&amp;b&quot;c'd"],
    ['a&b"c\'d', "'", 'a&amp;b"c&#39;d'],
  ] as const)('%j in %j becomes %j', (value, quote, source) => {
    expect(encodeAttribute(value, quote)).toBe(source);
  });
});
