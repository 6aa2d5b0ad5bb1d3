import { hasPlaceholder, judgeLink, normaliseUrl } from '../../lib/message/link-rules.js';
import { fakeWriter } from './fake-writer.js';

describe('judgeLink', () => {
  it.each([
    ['https://e.com/?a=1&amp;b=2', 'https://e.com/?a=1&b=2'],
    ['HTTP://E.com', 'HTTP://E.com'],
    [' \n https://e.com/\ta\r\nb \0', 'https://e.com/ab \ufffd'],
    [' https://e.com/ ', 'https://e.com/'],
    ['//e.com/x', 'https://e.com/x'],
    ['https:\\\\e.com', 'https:\\\\e.com'],
    ['https://münchen.example/é?q=😀', 'https://münchen.example/é?q=😀'],
    ['https://e.com/%20%zz', 'https://e.com/%20%zz'],
  ])('tracks %j as %j', (source, url) => {
    expect(judgeLink(source, fakeWriter, true)).toEqual({ url });
  });

  it.each([
    ['', 'empty'],
    [' \n ', 'empty'],
    ['#top', 'fragment'],
    ['/path', 'relative'],
    ['page.html', 'relative'],
    ['?q=1', 'relative'],
    ['https:e.com', 'relative'],
    ['http:/e.com', 'relative'],
    ['mailto:a@b.c', 'scheme'],
    ['tel:+123', 'scheme'],
    ['JavaScript:alert(1)', 'scheme'],
    ['java\nscript&colon;alert(1)', 'scheme'],
    ['data:text/html,x', 'scheme'],
    ['httpsx://e.com', 'scheme'],
    ['{{ url }}', 'placeholder'],
    ['https://e.com/{{ id }}', 'placeholder'],
    ['https://e.com/?a=&nsubset;', 'undecodable'],
    ['https://t.example.com/click/abc', 'already-tracked'],
    ['//t.example.com/click/abc', 'already-tracked'],
    ['https://refused.example/', 'refused-by-policy'],
  ])('leaves %j alone: %s', (source, reason) => {
    expect(judgeLink(source, fakeWriter, true).reason).toBe(reason);
  });

  it('gives the reason that lies in the link first, and asks no policy without click tracking', () => {
    expect(judgeLink('mailto:x', fakeWriter, false).reason).toBe('scheme');
    const refusal = (): never => {
      throw new Error('asked');
    };
    expect(judgeLink('https://e.com', { ...fakeWriter, refusal }, false).reason).toBe(
      'click-tracking-off',
    );
  });
});

describe('hasPlaceholder', () => {
  it.each([
    '{{x}}',
    '{{{x}}}',
    'https://e.com/{{ url ',
    '{% url x %}',
    '{%url%}',
    'https://e.com/{% if ',
    '<%= url %>',
    '${url}',
    '*|URL|*',
    '%%url%%',
    '[[url]]',
    '%recipient%',
    '%recipient.name%',
    'https://e.com/?id=%unsubscribe_url%',
  ])('in %s', (url) => expect(hasPlaceholder(url)).toBe(true));

  it.each([
    'https://e.com/%C3%A9t%C3%A9',
    'https://e.com/%20a%20b%20',
    'https://e.com/?q={%22a%22:{%22b%22:1}}',
    'https://e.com/?a[0]=1&b[]=2',
    'https://e.com/100%',
    'https://e.com/$x*y|z',
  ])('not in %s', (url) => expect(hasPlaceholder(url)).toBe(false));

  it('reads each character a few times at most', () => {
    for (const part of ['%%', '%x', '[[', '{%', '{', '%%a']) hasPlaceholder(part.repeat(200_000));
  });
});

describe('normaliseUrl', () => {
  it('does not mind how much there is to take off', () => {
    expect(normaliseUrl(`${' \n'.repeat(100_000)}a${'\t '.repeat(100_000)}`)).toBe('a');
  });
});
