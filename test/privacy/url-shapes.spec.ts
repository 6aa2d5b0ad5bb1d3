import { UrlRedactor } from '../../lib/privacy/redact-url.js';
import { SECRET_SHAPES, type UrlShapes, WHOLE_SHAPES } from './url-shapes.js';

const redactor = new UrlRedactor();
const MARKS = /[«»]/g;
const SECRET = /«[^»]*»/g;

test.each([
  ['with a secret', SECRET_SHAPES],
  ['without one', WHOLE_SHAPES],
])('the table of URLs %s has at least 60 shapes, each once', (_, shapes: UrlShapes) => {
  expect(new Set(shapes.map(([, url]) => url)).size).toBe(shapes.length);
  expect(new Set(shapes.map(([product]) => product)).size).toBe(shapes.length);
  expect(shapes.length).toBeGreaterThanOrEqual(60);
});

describe('masks the secrets of a URL, and nothing else of it', () => {
  test.each(SECRET_SHAPES)('%s: %s', (_, shape) => {
    const redacted = redactor.redact(shape.replace(MARKS, ''));
    expect(redacted).toBe(shape.replace(SECRET, 'REDACTED'));
    expect(redactor.redact(redacted)).toBe(redacted);
  });
});

describe('leaves a URL without secrets whole', () => {
  test.each(WHOLE_SHAPES)('%s: %s', (_, url) => {
    expect(redactor.redact(url)).toBe(url);
    expect(redactor.hasSecret(url)).toBe(false);
  });
});

describe('a secret that other tables do not have', () => {
  test.each([
    [
      'signed JSON behind a dot, a colon or two hyphens',
      'https://a.io/x/eyJpZCI6NDJ9.c2lnbmF0dXJl',
    ],
    [
      'a part of a text with colons',
      'https://a.io/?key=MQ:1tKx3f:Qm3xT9hWmB2vNsKyCkZyx7fLpR4dE8aU',
    ],
    ['a name that ends like a secret', 'https://a.io/?wp_nonce_key=Xq7ZkP3mX9qT2wZ8bN5v'],
    ['a segment behind a name and two ids', 'https://a.io/reset/1/1790000000/Xq7ZkP3mX9qT2wZ8bN5v'],
  ])('%s is masked', (_, url) => {
    expect(redactor.redact(url)).toContain('REDACTED');
  });

  test('a segment far behind a name stays', () => {
    const url = 'https://a.io/auth/for/our/many/partners/9f86d081884c7d659a2feaa0c55ad015';
    expect(redactor.redact(url)).toBe(url);
  });

  test('JSON without a signature stays', () => {
    const url = 'https://a.io/?filter=eyJjb2xvciI6ImJsdWUiLCJzaXplIjoiTSJ9';
    expect(redactor.redact(url)).toBe(url);
  });
});
