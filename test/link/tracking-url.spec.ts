import type { LinkCodec, UrlJoin } from 'nestjs-email-tracking';
import { serviceFor } from '../support/service.js';

const format: LinkCodec = { name: 'own', encode: () => 'TOKEN', decode: () => ({}) };

const join = (baseOpenTrackingUrl: string, urlJoin: UrlJoin, appendSlash = false) =>
  serviceFor({ baseOpenTrackingUrl, urlJoin, appendSlash, format }).getOpenTrackingUrl();

describe('joining', () => {
  test.each([
    ['https://t.example.com/open/', false, 'https://t.example.com/open/TOKEN'],
    ['https://t.example.com/open', false, 'https://t.example.com/open/TOKEN'],
    ['https://t.example.com', false, 'https://t.example.com/TOKEN'],
    ['https://t.example.com/open/', true, 'https://t.example.com/open/TOKEN/'],
  ])('append: %s', (base, slash, expected) => {
    expect(join(base, 'append', slash)).toBe(expected);
  });

  // Each line was measured with CPython 3.11's urllib.parse.urljoin.
  test.each([
    ['https://h/path/open', 'https://h/path/TOKEN'],
    ['https://h', 'https://h/TOKEN'],
    ['https://h//a//b//', 'https://h/a/b/TOKEN'],
    ['HTTPS://Host/A/', 'https://Host/A/TOKEN'],
    ['https://h/a/../b/./', 'https://h/b/TOKEN'],
    ['https://h/o/?x=1/2', 'https://h/o/TOKEN'],
    ['https://h/o/#f/g', 'https://h/o/TOKEN'],
    ['https://h/o/;p=1', 'https://h/o/TOKEN'],
    ['//h/p/', '//h/p/TOKEN'],
    ['https:/p/', 'https:///p/TOKEN'],
    ['http:p/q', 'http:///p/TOKEN'],
    ['///p/', '/p/TOKEN'],
    ['ws://h/p/', 'ws://h/p/TOKEN'],
    ['mailto:ann@h', 'TOKEN'],
    ['?', '/TOKEN'],
    ['..', 'TOKEN'],
    ['https://h/../../a', 'https://h/TOKEN'],
    ['https://h/a;b/c;d', 'https://h/a;b/TOKEN'],
    ['https://h/\na/', 'https://h/a/TOKEN'],
    ['/p/', '/p/TOKEN'],
    ['p/', 'p/TOKEN'],
    ['', 'TOKEN'],
    ['myapp://x/', 'TOKEN'],
  ])('python: %s', (base, expected) => {
    expect(join(base, 'python')).toBe(expected);
  });
});
