import { serviceFor } from '../support/service.js';

const base = (baseClickTrackingUrl: string, fallbackUrl: string, more = {}) =>
  serviceFor({ baseClickTrackingUrl, fallbackUrl, ...more });

describe('fallbackUrl', () => {
  test.each([
    ['https://t.example.com/click/', 'https://t.example.com/click/gone'],
    ['https://t.example.com/click/', 'http://t.example.com/click/gone?a=1'],
    ['https://t.example.com/click/', 'https://T.EXAMPLE.com./Click/gone'],
    ['https://t.example.com/click', 'https://t.example.com/%63lick/gone'],
    ['https://t.example.com/click', 'https://t.example.com//click//gone'],
    ['https://t.example.com/click', 'https://t.example.com/a/../click/gone'],
    ['https://t.example.com/click/', 'https://t.example.com/click/'],
    ['https://t.example.com:8443/', 'https://t.example.com:8443/gone'],
  ])('below %s is refused: %s', (baseUrl, fallbackUrl) => {
    expect(() => base(baseUrl, fallbackUrl)).toThrow(
      /fallbackUrl: must not be below baseClickTrackingUrl/,
    );
    const configured = serviceFor({ baseClickTrackingUrl: baseUrl });
    expect(() => configured.with({ fallbackUrl })).toThrow(/fallbackUrl/);
  });

  test('below what Python joins is refused', () => {
    const options = ['https://t.example.com/a/b', 'https://t.example.com/a/gone'] as const;
    expect(() => base(...options, { urlJoin: 'python' })).toThrow(/fallbackUrl/);
    expect(() => base(...options)).not.toThrow();
  });

  test.each([
    ['https://t.example.com/click/', 'https://t.example.com/click'],
    ['https://t.example.com/click/', 'https://t.example.com/clicks/gone'],
    ['https://t.example.com/click/', 'https://www.example.com/click/gone'],
    ['https://t.example.com/click/', 'https://t.example.com:8443/click/gone'],
    ['https://t.example.com/click/', 'https://t.example.com/open/gone'],
  ])('beside %s is taken: %s', (baseUrl, fallbackUrl) => {
    expect(() => base(baseUrl, fallbackUrl)).not.toThrow();
  });
});
