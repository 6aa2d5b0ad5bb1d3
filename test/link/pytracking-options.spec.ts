import { serviceWith } from '../support/service.js';

describe('without a base that Python can join', () => {
  test.each([undefined, '', 'myapp://x/'])('%s: the bare token', (baseOpenTrackingUrl) => {
    const base = baseOpenTrackingUrl === undefined ? {} : { baseOpenTrackingUrl };
    const service = serviceWith({ format: 'plain', urlJoin: 'python', ...base });
    expect(service.getOpenTrackingUrl()).toBe('e30=');
    expect(service.getOpenTrackingResult('e30=').metadata).toEqual({});
  });

  test('links that are not ours are not taken for ours', () => {
    const bases = {
      baseOpenTrackingUrl: 'myapp://o/',
      baseClickTrackingUrl: 'https://t.example/c/',
    };
    const service = serviceWith({ format: 'plain', urlJoin: 'python', ...bases });
    const html = '<a href="https://example.com/">x</a>';
    expect(service.adaptHtml(html, { openTracking: false })).toContain('https://t.example/c/');
  });

  test('appending has nothing to append to', () => {
    expect(() => serviceWith({ format: 'plain' }).getOpenTrackingUrl()).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
  });
});

/** Spec §1.2: what is merged, and when the reader's own words count. */
describe('the merge rules', () => {
  const BASE = { baseOpenTrackingUrl: 'https://t.example.com/open/', format: 'plain' } as const;
  const ours = { a: 'default', b: 'default' };
  const theirs = { b: 'reader', c: 'reader' };

  test.each([
    [false, false, { b: 'link', c: 'reader', d: 'link' }],
    [false, true, { b: 'link', d: 'link' }],
    [true, false, { b: 'link', c: 'reader', a: 'default', d: 'link' }],
    [true, true, { a: 'default', b: 'link', d: 'link' }],
  ])('includeDefaultMetadata, writing %s, reading %s', (writing, reading, expected) => {
    const url = serviceWith({
      ...BASE,
      defaultMetadata: ours,
      includeDefaultMetadata: writing,
    }).getOpenTrackingUrl({ b: 'link', d: 'link' });
    const { metadata } = serviceWith({
      ...BASE,
      defaultMetadata: theirs,
      includeDefaultMetadata: reading,
    }).getOpenTrackingResult(url);
    // As text, because the order of the keys is the order of the webhook's body.
    expect(JSON.stringify(metadata)).toBe(JSON.stringify(expected));
  });

  test.each([
    [false, false, 'https://reader.example/'],
    [false, true, null],
    [true, false, 'https://reader.example/'],
    [true, true, 'https://writer.example/'],
  ])('includeWebhookUrl, writing %s, reading %s', (writing, reading, expected) => {
    const url = serviceWith({
      ...BASE,
      webhookUrl: 'https://writer.example/',
      includeWebhookUrl: writing,
    }).getOpenTrackingUrl();
    const result = serviceWith({
      ...BASE,
      webhookUrl: 'https://reader.example/',
      includeWebhookUrl: reading,
    }).getOpenTrackingResult(url);
    expect(result.webhookUrl).toBe(expected);
  });

  test('options of a call override the configuration', () => {
    const service = serviceWith({ ...BASE, defaultMetadata: ours, includeDefaultMetadata: true });
    const url = service.getOpenTrackingUrl({ d: 1 }, { includeDefaultMetadata: false });
    expect(service.getOpenTrackingResult(url).metadata).toEqual({ d: 1 });
  });
});
