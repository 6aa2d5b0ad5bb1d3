import type { AdaptOptions } from 'nestjs-email-tracking';
import { decode, tracking, trackingWith } from './readable-links.js';

/** The reason of each link that is left alone, or `tracked`: first of the HTML, then of the text. */
function outcomes(html: string, text: string, options: AdaptOptions = {}, service = tracking) {
  const message = { html, text, textTracking: true, ...options };
  return service.adaptMessage(message).report.links.map(({ reason }) => reason ?? 'tracked');
}

const URL = 'https://e.com/reset?token=s3cret&x=1';

describe('an opt-out', () => {
  it.each([
    ['data-no-track', 'no-track'],
    ['clicktracking="off"', 'provider-opt-out'],
    ['disable-tracking', 'provider-opt-out'],
    ['ses:no-track', 'provider-opt-out'],
    ['data-pm-no-track', 'provider-opt-out'],
    ['data-msys-clicktrack="0"', 'provider-opt-out'],
    ['mc:disable-tracking', 'provider-opt-out'],
  ])('by %s in the HTML holds for the text, too', (attribute, reason) => {
    const html = `<a ${attribute} href="https://E.com/reset?token=s3cret&amp;x=1">Reset</a>`;
    expect(outcomes(html, `Reset: ${URL}.\nShop: https://e.com/`)).toEqual([
      reason,
      reason,
      'tracked',
    ]);
  });

  it('holds for a URL that ends with punctuation', () => {
    const html = '<a data-no-track href="https://e.com/?t=abc.">Reset</a>';
    expect(outcomes(html, 'https://e.com/?t=abc.\n(https://e.com/?t=abc.)')).toEqual(
      Array(3).fill('no-track'),
    );
  });

  it('by a mark in the text holds for the HTML, too', () => {
    const html = `<a href="${URL.replace('&', '&amp;')}">Reset</a> <a href="https://e.com/">Shop</a>`;
    expect(outcomes(html, `Reset: ${URL}[[data-no-track]]`)).toEqual([
      'no-track',
      'tracked',
      'no-track',
    ]);
  });

  it('is for one link where its part has the URL twice, and then for the whole other part', () => {
    const html = `<a data-no-track href="https://e.com/1">a</a><a href="https://e.com/1">b</a>`;
    expect(outcomes(html, 'https://e.com/1 https://e.com/1#top')).toEqual([
      'no-track',
      'tracked',
      'no-track',
      'tracked',
    ]);
  });

  it('is what one part knows about an unsubscribe link', () => {
    const html = '<a href="https://e.com/l/1">Unsubscribe</a> <a href="https://e.com/l/2">x</a>';
    const text = 'Leave: https://e.com/l/1\nUnsubscribe: https://e.com/l/2';
    expect(outcomes(html, text)).toEqual(Array(4).fill('unsubscribe'));
    const service = trackingWith({ trackUnsubscribeLinks: true });
    const message = { html, text, textTracking: true };
    const { links } = service.adaptMessage(message).report;
    expect(links.map(({ trackingUrl }) => decode(trackingUrl!).isUnsubscribeLink)).toEqual(
      Array(4).fill(true),
    );
  });

  it('leaves the reasons that a link has of its own', () => {
    const html = '<a data-no-track href="https://e.com/{{x}}">x</a>';
    expect(outcomes(html, 'https://e.com/{{x}}')).toEqual(['placeholder', 'placeholder']);
  });
});

describe('marks behind a URL in a text', () => {
  const adapt = (text: string, options: AdaptOptions = {}) => tracking.adaptText(text, options);
  const links = (text: string, options: AdaptOptions = {}) =>
    tracking.adaptMessage({ text, textTracking: true, ...options }).report.links;

  it.each([
    ['https://e.com/a[[data-no-track]] b', 'https://e.com/a b'],
    ['(https://e.com/a[[data-no-track]]).', '(https://e.com/a).'],
    ['<https://e.com/a.[[data-no-track]]>', '<https://e.com/a.>'],
    ['https://e.com/a[[data-no-track]][[data-track-label: x]]。', 'https://e.com/a。'],
    ['https://e.com/a[[data-msys-clicktrack: 0]]', 'https://e.com/a[[data-msys-clicktrack: 0]]'],
    ['https://e.com/a[[data-msys-clicktrack=0]]', 'https://e.com/a[[data-msys-clicktrack=0]]'],
    ['https://e.com/a[[data-msys-clicktrack="0"]]', 'https://e.com/a[[data-msys-clicktrack="0"]]'],
  ])('%j becomes %j', (text, expected) => expect(adapt(text)).toBe(expected));

  it('name the link, and keep utm parameters off it', () => {
    const utm = { utm_source: 'mail', utm_content: '{label}' };
    const text = 'https://e.com/1[[data-track-label="cta"]] https://e.com/2[[data-no-utm]]';
    const given = links(text, { utm });
    expect(given.map(({ label }) => label)).toEqual(['cta', undefined]);
    expect(given.map(({ trackingUrl }) => decode(trackingUrl!))).toEqual([
      expect.objectContaining({
        url: 'https://e.com/1?utm_source=mail&utm_content=cta',
        linkLabel: 'cta',
      }),
      expect.objectContaining({ url: 'https://e.com/2' }),
    ]);
    expect(adapt(text)).not.toContain('[[');
  });

  it('are taken out although nothing is tracked, and stay where the text is not touched', () => {
    const text = 'https://e.com/1[[data-no-track]]';
    expect(adapt(text, { clickTracking: false })).toBe('https://e.com/1');
    expect(tracking.adaptMessage({ text }).text).toBe(text);
  });

  it.each([
    ['https://e.com/1 [[data-no-track]]', 'https://e.com/1'],
    ['https://e.com/1[[data-msys-clicktrack="1"]]', 'https://e.com/1'],
    ['https://e.com/1[[data-other]]', 'https://e.com/1'],
  ])('%j is no opt-out', (text, url) => {
    expect(links(text)).toEqual([expect.objectContaining({ url, tracked: true })]);
  });
});
