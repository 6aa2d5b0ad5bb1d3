import { TrackingError, trackingHelpers } from 'nestjs-email-tracking';
import { serviceFor } from '../support/service.js';

const BASE = 'https://t.example.com/unsubscribe/';
const tracking = serviceFor({ baseUnsubscribeUrl: BASE, trackUnsubscribeLinks: true });
const HTML =
  '<p><a href="https://example.com/">Shop</a> ' +
  '<a data-unsubscribe class=x href="https://example.com/leave?a=1&amp;b=2">Unsubscribe</a></p>';
const LIST = { unsubscribe: { list: 'news' }, openTracking: false };

const urlIn = (header: string) => /<(https:[^>]+)>/.exec(header)![1]!;

describe('a mail of a list', () => {
  it('gets the headers, and the same URL where its author wants it', () => {
    const { html, headers, report } = tracking.adaptMessage({
      html: HTML,
      recipient: 'ann@example.com',
      messageId: '<7@example.com>',
      ...LIST,
      unsubscribe: { list: 'news', listId: 'news.example.com' },
    });
    const url = urlIn(headers!['List-Unsubscribe']);
    expect(headers).toMatchObject({
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': '<news.example.com>',
    });
    expect(html).toContain(`<a class=x href="${url}">Unsubscribe</a>`);
    expect(tracking.getUnsubscribeResult(url)).toMatchObject({
      recipient: 'ann@example.com',
      list: 'news',
      messageId: '<7@example.com>',
    });
    expect(report.links.map(({ tracked, reason }) => reason ?? tracked)).toEqual([
      true,
      'is-unsubscribe',
    ]);
    expect(report.warnings).toEqual([]);
  });

  it('is compiled once, and rendered with a URL for each recipient', () => {
    const mail = tracking.compileMessage({ html: HTML, ...LIST });
    const recipients = ['ann@example.com', 'bob@example.com'];
    const urls = recipients.map((recipient) => {
      const { html, headers } = mail.render({ recipient });
      const url = urlIn(headers!['List-Unsubscribe']);
      expect(html).toContain(url);
      return url;
    });
    expect(urls.map((url) => tracking.getUnsubscribeResult(url).recipient)).toEqual(recipients);
  });

  it('keeps the URL of its author without a recipient, and says that nobody can leave', () => {
    const { html, headers, report } = tracking.adaptMessage({ html: HTML, ...LIST });
    expect(html).toContain('<a class=x href="https://example.com/leave?a=1&amp;b=2">');
    expect(headers).toBeUndefined();
    expect(report.warnings.map(({ code }) => code)).toEqual(['NO_RECIPIENT']);
  });

  it('gets its URL even if clicks are not tracked', () => {
    const { html } = tracking.adaptMessage({
      html: HTML,
      recipient: 'ann@example.com',
      ...LIST,
      clickTracking: false,
    });
    expect(html).toContain(`<a class=x href="${BASE}p`);
    expect(html).toContain('<a href="https://example.com/">');
  });

  it.each(['{{ leave_url }}', '', '#', '*|UNSUB|*', 'https://e.com/?a=&nosuch;'])(
    'gets its URL in place of %j',
    (href) => {
      const html = `<a data-unsubscribe href="${href}">x</a>`;
      const adapted = tracking.adaptMessage({ html, recipient: 'ann@example.com', ...LIST });
      expect(adapted.html).toContain(`<a href="${BASE}p`);
    },
  );

  it('gets nothing if it is signed with PGP', () => {
    const html = `<pre>-----BEGIN PGP SIGNED MESSAGE-----</pre>${HTML}`;
    const adapted = tracking.adaptMessage({ html, recipient: 'ann@example.com', ...LIST });
    expect(adapted.html).toBe(html);
    expect(adapted.headers).toBeUndefined();
    expect(adapted.report.warnings.map(({ code }) => code)).toEqual(['SIGNED_OR_ENCRYPTED']);
  });

  it.each([
    [{ list: '' }, 'INVALID_METADATA'],
    [{ list: 'news', listId: 'no id' }, 'INVALID_METADATA'],
    [{ list: 'news', lists: 'typo' }, 'INVALID_OPTIONS'],
    ['news', 'INVALID_OPTIONS'],
  ])('is refused before it is rendered: %j', (unsubscribe, code) => {
    const compile = () =>
      tracking.compileMessage({ html: HTML, unsubscribe: unsubscribe as never });
    expect(compile).toThrow(TrackingError);
    expect(compile).toThrow(expect.objectContaining({ code }));
  });

  it('needs the option baseUnsubscribeUrl', () => {
    const compile = () =>
      serviceFor().compileMessage({ html: HTML, unsubscribe: { list: 'news' } });
    expect(compile).toThrow(/baseUnsubscribeUrl/);
  });
});

describe('an unsubscribe URL of ours', () => {
  it.each(['html', 'text'] as const)('is never tracked in the %s', (part) => {
    const url = tracking.getUnsubscribeUrl({ recipient: 'ann@example.com', list: 'news' });
    const html = part === 'html' ? `<a href="${url}">Leave</a>` : '';
    const text = part === 'text' ? `Leave: ${url}` : '';
    const adapted = tracking.adaptMessage({ html, text, textTracking: true, openTracking: false });
    expect(adapted[part]).toContain(url);
    expect(adapted.report.links.map(({ reason }) => reason)).toEqual(['is-unsubscribe']);
  });

  it('of a mail that is adapted twice stays the first one', () => {
    const message = { recipient: 'ann@example.com', ...LIST };
    const once = tracking.adaptMessage({ html: HTML, ...message });
    const twice = tracking.adaptMessage({ ...message, html: once.html! });
    expect(twice.html).toBe(once.html);
  });
});

it('without an option, data-unsubscribe is taken off, and its link is not tracked', () => {
  const { html, report } = tracking.adaptMessage({ html: HTML, openTracking: false });
  expect(html).toContain('<a class=x href="https://example.com/leave?a=1&amp;b=2">');
  expect(report.links[1]).toMatchObject({ tracked: false, reason: 'is-unsubscribe' });
});

describe('the template helper unsubscribeUrl', () => {
  const context = { recipient: 'ann@example.com', messageId: '<7@example.com>' };
  const listOf = (url: string) => tracking.getUnsubscribeResult(url).list;

  it('writes the URL of the list of the context', () => {
    const helpers = trackingHelpers(tracking, { ...context, unsubscribe: { list: 'news' } });
    expect(tracking.getUnsubscribeResult(helpers.unsubscribeUrl())).toMatchObject({
      ...context,
      list: 'news',
    });
  });

  it('takes a list as argument, also named ones of Handlebars and Nunjucks', () => {
    const { unsubscribeUrl } = trackingHelpers(tracking, context);
    const named = unsubscribeUrl as (argument: unknown) => string;
    expect(listOf(unsubscribeUrl('offers'))).toBe('offers');
    expect(listOf(named({ hash: { list: 'a' } }))).toBe('a');
    expect(listOf(named({ __keywords: true, list: 'b' }))).toBe('b');
  });

  it.each([
    ['a list', context],
    ['a recipient', { unsubscribe: { list: 'news' } }],
  ])('names what is missing: %s', (_, given) => {
    expect(() => trackingHelpers(tracking, given).unsubscribeUrl()).toThrow(/unsubscribeUrl: /);
  });
});
