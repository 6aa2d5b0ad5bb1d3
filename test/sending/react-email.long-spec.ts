import {
  Body,
  Button,
  Container,
  Head,
  Html,
  Img,
  Link,
  Markdown,
  Preview,
  Text,
} from '@react-email/components';
import { pretty, render, toPlainText } from '@react-email/render';
import { createElement as h, type ReactElement } from 'react';
import { serviceFor } from '../support/service.js';
import { destinationsOf, hrefsOf, undo } from './rendered-mail.js';

const tracking = serviceFor();
const context = { messageId: '<42@example.com>', recipient: 'ann@example.com' };

const OUTLOOK =
  '<!--[if mso]><table role="presentation"><tr><td width="300"><![endif]-->' +
  '<span>Sale</span><!--[if mso]></td></tr></table><![endif]-->';

function SaleMail({ name }: { name: string }): ReactElement {
  const image = h(Img, { src: 'https://example.com/sale.png', alt: 'Sale', width: 300 });
  return h(
    Html,
    { lang: 'en' },
    h(Head, null, h('title', null, 'Sale & more')),
    h(Preview, null, 'Up to 50 % off'),
    h(
      Body,
      { style: { backgroundColor: '#fff' } },
      h(
        Container,
        null,
        h(Text, null, `Dear ${name}, "today" only`),
        h('div', { dangerouslySetInnerHTML: { __html: OUTLOOK } }),
        h(Text, null, h(Link, { href: 'https://example.com/sale?from=image&size=large' }, image)),
        h(Button, { href: 'https://example.com/sale?q="a b"&from=button#top' }, 'To the sale'),
        h(Markdown, null, 'Read [the terms](https://example.com/terms?v=1&l=en "Terms").'),
        h(Text, null, h(Link, { href: 'https://example.com/shop' }, 'https://example.com/shop')),
        h(Text, null, h(Link, { href: 'mailto:help@example.com' }, 'Ask')),
      ),
    ),
  );
}

/** What React Email makes of the links that lead to the web, in the order of its HTML. */
const SOURCES = [
  'https://example.com/sale?from=image&amp;size=large',
  'https://example.com/sale?q=&quot;a b&quot;&amp;from=button#top',
  'https://example.com/terms?v=1&l=en',
  'https://example.com/shop',
];

const mail = h(SaleMail, { name: 'Ann <ann@example.com>' });

describe('a mail made by React Email', () => {
  test('renders first and is adapted after: links change, and nothing else', async () => {
    const html = await render(mail);
    for (const comment of ['<!--$-->', '<!--/$-->', '<!--[if mso]><i ', OUTLOOK]) {
      expect(html).toContain(comment);
    }

    const adapted = tracking.adaptMessage({ html, ...context });

    expect(undo(adapted, SOURCES)).toBe(html);
    expect(adapted.report.pixel).toBe('bottom');
    expect(adapted.report.links).toMatchObject([
      { tracked: true, url: 'https://example.com/sale?from=image&size=large' },
      { tracked: true, url: 'https://example.com/sale?q="a b"&from=button#top' },
      { tracked: true, url: 'https://example.com/terms?v=1&l=en' },
      { tracked: true, url: 'https://example.com/shop' },
      { tracked: false, url: 'mailto:help@example.com', reason: 'scheme' },
    ]);
    expect(destinationsOf(adapted.html!, tracking)).toEqual(hrefsOf(html));
    for (const comment of ['<!--$-->', '<!--/$-->', OUTLOOK]) {
      expect(adapted.html).toContain(comment);
    }
    for (const { trackingUrl } of adapted.report.links.slice(0, -1)) {
      expect(tracking.getClickTrackingResult(trackingUrl!)).toMatchObject(context);
    }
  });

  test('the same for HTML that was made pretty before', async () => {
    const html = await pretty(await render(mail));
    const adapted = tracking.adaptMessage({ html, ...context });
    const sources = SOURCES.map((source) => source.replaceAll('&quot;', '"'));
    expect(undo(adapted, sources)).toBe(html);
    expect(destinationsOf(adapted.html!, tracking)).toEqual(hrefsOf(html));
  });

  test('attributes in data- stay on the link', async () => {
    const html = await render(
      h(Button, { href: 'https://example.com/sale', 'data-track-label': 'cta' } as object, 'Sale'),
    );
    expect(html).toMatch(/<a href="https:\/\/example\.com\/sale"[^>]* data-track-label="cta"/);
  });
});

// The reason why docs/sending.md says from which HTML to make the text part.
describe('the text part of React Email', () => {
  test('made from the HTML before it is adapted, it shows the links themselves', async () => {
    const html = await render(mail);
    const text = toPlainText(html);
    expect(text).toContain('https://example.com/sale?from=image&size=large');
    expect(text).not.toContain('t.example.com');
    expect(text).toBe(await render(mail, { plainText: true }));
  });

  test('made from adapted HTML, it shows tracking URLs that say they are of the HTML', async () => {
    const adapted = tracking.adaptHtml(await render(mail), context);
    const [url, ...others] = toPlainText(adapted).match(/https:\/\/t\.example\.com\/[\w-/]+/g)!;
    expect(others).toHaveLength(3);
    expect(tracking.getClickTrackingResult(url).part).toBe('html');
    // And a link whose text is its URL is there twice, since both differ now.
    expect(toPlainText(adapted)).toMatch(/https:\/\/example\.com\/shop https:\/\/t\.example\.com/);
  });

  test('runs links together that have no text in between', async () => {
    const [one, two] = ['https://example.com/1', 'https://example.com/2'].map((href) =>
      h(Link, { href, key: href }, 'Read on'),
    );
    expect(toPlainText(await render(h(Html, null, one, two)))).toContain('.com/1Read on');
    const apart = [h(Text, { key: 1 }, one), h(Text, { key: 2 }, two)];
    expect(toPlainText(await render(h(Html, null, ...apart)))).toMatch(/\.com\/1\s+Read on/);
  });
});
