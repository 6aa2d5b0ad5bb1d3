import type { MessageInput } from 'nestjs-email-tracking';
import { TrackingError } from 'nestjs-email-tracking';
import { decode, PIXEL, readable, tracking, trackingWith } from './readable-links.js';

const html =
  `<p>é <a href="https://e.com/1">1</a> <a href=#x>2</a> <area href='https://e.com/?a&amp;b'>` +
  '<a name=no-link> <a href=https://e.com/4>4</a> <link href="https://e.com/style.css">';

/** The service, where sealing a pixel fails. */
const withoutPixel = (error: Error) =>
  trackingWith({
    format: {
      ...readable,
      encode: () => {
        throw error;
      },
    },
  });

describe('adaptMessage', () => {
  const context = {
    messageId: '<1@e.com>',
    recipient: 'a@e.com',
    tags: ['spring'],
    metadata: { id: 1 },
  };

  it('seals each link with its place, and the pixel without', () => {
    const adapted = tracking.adaptMessage({ html, ...context });
    const { links } = adapted.report;
    const place = { ...context, part: 'html', linkCount: 4, trackedLinkCount: 3 };
    expect(links.map(({ trackingUrl }) => trackingUrl && decode(trackingUrl))).toEqual([
      { ...place, linkIndex: 0, url: 'https://e.com/1' },
      undefined,
      { ...place, linkIndex: 2, url: 'https://e.com/?a&b' },
      { ...place, linkIndex: 3, url: 'https://e.com/4' },
    ]);
    const [pixel] = adapted.html!.match(PIXEL) ?? [];
    expect(decode(/src="([^"]*)"/.exec(pixel!)![1]!)).toEqual({
      ...context,
      part: 'html',
      linkCount: 4,
    });
  });

  it('changes the links and nothing else', () => {
    const adapted = tracking.adaptMessage({ html });
    const [first, , third, fourth] = adapted.report.links.map(({ trackingUrl }) => trackingUrl);
    expect(adapted.html!.replace(PIXEL, '')).toBe(
      html
        .replace('https://e.com/1', first!)
        .replace('https://e.com/?a&amp;b', third!)
        .replace('https://e.com/4', fourth!),
    );
    expect(adapted.html!.startsWith('<p>é ')).toBe(true);
  });

  it('reports what it did', () => {
    const adapted = tracking.adaptMessage({ html, text: 'https://e.com é', ...context });
    expect(adapted.text).toBe('https://e.com é');
    expect(adapted.report).toEqual({
      links: [
        expect.objectContaining({ url: 'https://e.com/1', part: 'html', index: 0, tracked: true }),
        { url: '#x', part: 'html', index: 1, tracked: false, reason: 'fragment' },
        expect.objectContaining({ url: 'https://e.com/?a&b', index: 2, tracked: true }),
        expect.objectContaining({ url: 'https://e.com/4', index: 3, tracked: true }),
      ],
      pixel: 'bottom',
      bytes: { before: Buffer.byteLength(html), after: Buffer.byteLength(adapted.html!) },
      warnings: [],
    });
  });

  it('leaves a link that cannot be sealed, and reports it', () => {
    const mail = '<a href="https://e.com/too-long&amp;x"><a href=https://e.com/refused-late>';
    const adapted = tracking.adaptMessage({ html: mail, openTracking: false });
    expect(adapted.html).toBe(mail);
    expect(adapted.report.links).toEqual([
      {
        url: 'https://e.com/too-long&x',
        part: 'html',
        index: 0,
        tracked: false,
        reason: 'too-long',
      },
      {
        url: 'https://e.com/refused-late',
        part: 'html',
        index: 1,
        tracked: false,
        reason: 'refused-by-policy',
      },
    ]);
    expect(adapted.report.bytes.after).toBe(mail.length);
  });

  it('leaves a pixel out that cannot be sealed, and warns', () => {
    const service = withoutPixel(new TrackingError('URL_TOO_LONG', 'Too long.'));
    const adapted = service.adaptMessage({ html: '<p>', clickTracking: false });
    expect(adapted.html).toBe('<p>');
    expect(adapted.report).toMatchObject({ pixel: 'none', warnings: [{ code: 'LONG_URL' }] });
  });

  it('passes on every other failure', () => {
    expect(() => tracking.adaptMessage({ html: '<a href="https://e.com/broken">' })).toThrow(
      'not JSON',
    );
    const service = withoutPixel(new Error('out of order'));
    expect(() => service.adaptMessage({ html: '' })).toThrow('out of order');
  });

  it('has switches', () => {
    const off = tracking.adaptMessage({ html, clickTracking: false, openTracking: false });
    expect(off.html).toBe(html);
    expect(off.report.pixel).toBe('none');
    expect(off.report.links.map(({ reason }) => reason)).toEqual([
      'click-tracking-off',
      'fragment',
      'click-tracking-off',
      'click-tracking-off',
    ]);
    const top = tracking.adaptMessage({ html: '<body>x', pixelPosition: 'top' });
    expect(top.report.pixel).toBe('top');
    expect(top.html).toMatch(/^<body><img .*>x$/);
  });

  it('takes parts that are not there, and adds none', () => {
    expect(tracking.adaptMessage({})).toEqual({
      report: { links: [], pixel: 'none', bytes: { before: 0, after: 0 }, warnings: [] },
    });
    expect(Object.keys(tracking.adaptMessage({ text: 'x' }))).toEqual(['report', 'text']);
    expect(tracking.adaptMessage({ html: '' }).html).toMatch(PIXEL);
  });

  it('warns before Gmail clips', () => {
    const codes = (length: number, pixelPosition?: 'top'): string[] =>
      tracking
        .adaptMessage({ html: 'x'.repeat(length), clickTracking: false, pixelPosition })
        .report.warnings.map(({ code, message }) => `${code} ${message.includes('pixelPosition')}`);
    const pixel = tracking.adaptHtml('', { clickTracking: false }).length;
    expect(codes(102_400 - pixel)).toEqual([]);
    expect(codes(102_401 - pixel)).toEqual(['CLIPPED_BY_GMAIL true']);
    expect(codes(102_401, 'top')).toEqual(['CLIPPED_BY_GMAIL false']);
  });

  it('changes nothing when it runs again', () => {
    const once = tracking.adaptHtml(html, { recipient: 'a@e.com' });
    const again = tracking.adaptMessage({ html: once, recipient: 'b@e.com' });
    expect(again.html).toBe(once);
    expect(again.report.pixel).toBe('none');
    expect(again.report.links[0]!.reason).toBe('already-tracked');
  });
});

describe('compileMessage', () => {
  it('seals for each recipient', () => {
    const message = { html, text: 't', tags: ['spring'] };
    const compiled = tracking.compileMessage({ ...message, recipient: 'default' });
    const [a, b] = ['a@e.com', 'b@e.com'].map((recipient) => compiled.render({ recipient }));
    expect(decode(a!.report.links[0]!.trackingUrl!)).toMatchObject({
      recipient: 'a@e.com',
      tags: ['spring'],
    });
    expect(b).toEqual(tracking.adaptMessage({ ...message, recipient: 'b@e.com' }));
    expect(decode(compiled.render().report.links[0]!.trackingUrl!).recipient).toBe('default');
  });

  it('is not changed by what is done to a report', () => {
    const compiled = tracking.compileMessage({ html });
    const first = compiled.render();
    first.report.links.length = 0;
    expect(Object.isFrozen(compiled)).toBe(true);
    expect(compiled.render().report.links).toHaveLength(4);
  });

  it('checks what it renders for', () => {
    const compiled = tracking.compileMessage({ html });
    expect(() => compiled.render({ recipient: 1 } as never)).toThrow('recipient: must be a string');
    expect(() => compiled.render({ clickTracking: false } as never)).toThrow(
      'clickTracking: there is no',
    );
  });
});

describe('options from JavaScript', () => {
  const adapt = (message: unknown) => () => tracking.adaptMessage(message as MessageInput);

  it.each([
    [{ html: 1 }, 'html: must be a string'],
    [{ html: null }, 'html: must be a string'],
    [{ text: Buffer.from('x') }, 'text: must be a string'],
    [{ recipients: 'a' }, 'recipients: there is no such option'],
    [{ constructor: 1 }, 'constructor: there is no such option'],
    [{ clickTracking: 'no' }, 'clickTracking: must be true or false'],
    [{ openTracking: 0 }, 'openTracking: must be true or false'],
    [{ pixelPosition: 'left' }, "pixelPosition: must be 'bottom' or 'top'"],
    [{ metadata: [] }, 'metadata: must be an object'],
    [{ messageId: 1 }, 'messageId: must be a string'],
    [{ tags: 'a' }, 'tags: must be an array of strings'],
    [{ tags: [1] }, 'tags: must be an array of strings'],
    [null, 'must be an object'],
    ['<p>', 'must be an object'],
    [{ tag: 'a', recipient: 2 }, /tag: there is no such option.*recipient: must be a string/],
  ])('%j', (message, problem) => {
    expect(adapt(message)).toThrow(problem);
    expect(adapt(message)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });

  it('are checked by adaptHtml, too', () => {
    expect(() => tracking.adaptHtml(undefined as never, {})).toThrow('html: must be a string');
    expect(() => tracking.adaptHtml('', { html: 'x' } as never)).toThrow(
      'html: there is no such option',
    );
    expect(tracking.adaptHtml('', undefined)).toMatch(PIXEL);
    expect(tracking.adaptHtml('', { recipient: undefined })).toMatch(PIXEL);
  });
});
