import { serviceFor } from '../support/service.js';

const html = (...urls: string[]) => urls.map((url) => `<a href="${url}">x</a>`).join('');

describe('options of the module for links', () => {
  const service = serviceFor({
    placeholders: [/:\w+:/g],
    utmHosts: ['shop.example', '*.shop.example'],
    redirect: { schemes: ['https', 'MyApp:', 'mailto'] },
  });
  const leadsTo = (url: string | undefined) =>
    url && service.getClickTrackingResult(url).trackedUrl;

  it('leave the placeholders of the user alone, however often they are asked', () => {
    const links = html('https://e.com/:id:', 'https://e.com/id', 'https://e.com/:id:');
    const { report } = service.adaptMessage({ html: links });
    const placeholder = expect.objectContaining({ reason: 'placeholder' }) as unknown;
    const tracked = expect.objectContaining({ tracked: true }) as unknown;
    expect(report.links).toEqual([placeholder, tracked, placeholder]);
    expect(report.warnings).toEqual([]);
    const { report: other } = service.adaptMessage({ html: links }, { placeholders: [] });
    expect(other.links).toEqual([tracked, tracked, tracked]);
  });

  it('add utm parameters at the hosts that are named', () => {
    const { report } = service.adaptMessage({
      html:
        html('https://shop.example/', 'https://a.shop.example./', 'https://e.com/') +
        '<a data-no-utm href="https://shop.example/">x</a>' +
        '<a data-track-label=cta href="https://shop.example/">x</a>',
      utm: { utm_source: 'mail', utm_content: '{label}' },
    });
    expect(report.links.map(({ trackingUrl }) => leadsTo(trackingUrl))).toEqual([
      'https://shop.example/?utm_source=mail',
      'https://a.shop.example./?utm_source=mail',
      'https://e.com/',
      'https://shop.example/',
      'https://shop.example/?utm_source=mail&utm_content=cta',
    ]);
  });

  it('track the schemes that redirect.schemes names, in both parts', () => {
    const urls = ['myapp://go/1', 'MAILTO:a@e.com', 'tel:1', 'http://e.com/', 'https://e.com/'];
    const { report } = service.adaptMessage({
      html: html(...urls),
      text: 'myapp://go/1, mailto:a@e.com ftp://e.com https://e.com/',
      textTracking: true,
      utm: { utm_source: 'mail' },
    });
    expect(report.links.map(({ reason, trackingUrl }) => reason ?? leadsTo(trackingUrl))).toEqual([
      'myapp://go/1',
      'MAILTO:a@e.com',
      'scheme',
      'refused-by-policy',
      'https://e.com/',
      'myapp://go/1',
      'https://e.com/',
    ]);
  });
});

describe('SUSPECT_PLACEHOLDER', () => {
  const service = serviceFor({});

  it.each([
    ['https://e.com/{id}', 'placeholder', 'left alone'],
    ['https://e.com/50%off%20', undefined, 'tracked'],
  ])('warns of %s in both parts', (url, reason, what) => {
    const message = { html: html('https://e.com/', url), text: `${url} x`, textTracking: true };
    const { links, warnings } = service.adaptMessage(message).report;
    expect(links.map((link) => link.reason)).toEqual([undefined, reason, reason]);
    expect(warnings).toEqual([
      {
        code: 'SUSPECT_PLACEHOLDER',
        message: expect.stringMatching(
          new RegExp(`${what}.*: link 1 of the html, link 0 of the text\\)`),
        ) as unknown,
      },
    ]);
    expect(warnings[0]!.message).not.toContain('e.com');
  });

  it.each([
    html('https://e.com/{{id}}', 'https://e.com/?a[b]=[[1,2],[3,4]]'),
    '<a data-no-track href="https://e.com/{id}">x</a>',
    html('mailto:{id}@e.com', 'https://e.com/'),
  ])('does not warn of %s', (mail) => {
    const { warnings } = service.adaptMessage({ html: mail }).report;
    expect(warnings.map(({ code }) => code)).not.toContain('SUSPECT_PLACEHOLDER');
  });

  it('does not warn where no click is counted', () => {
    const message = { html: html('https://e.com/{id}'), clickTracking: false };
    expect(service.adaptMessage(message).report.warnings).toEqual([]);
  });
});

describe('a mail with a base', () => {
  const service = serviceFor({});
  const targets = (mail: string) =>
    service.adaptMessage({ html: mail }).report.links.map(({ url }) => url);

  it.each([
    ['<base href="http://e.com/x">', 'http://a.com/'],
    ['<base target=_blank><base href=" HTTP://e.com"><base href="https://e.com">', 'http://a.com/'],
    ['<base href="https://e.com">', 'https://a.com/'],
    ['<base href="//e.com"><base href="http://e.com">', 'https://a.com/'],
    ['<template><base href="http://e.com"></template>', 'https://a.com/'],
    ['<base>', 'https://a.com/'],
  ])('%s leads //a.com/ to %s', (base, url) => {
    expect(targets(`<a href="//a.com/">x</a>${base}<a href="//a.com/">x</a>`)).toEqual([url, url]);
  });
});
