// Mails as React Email renders them: inline styles on everything, tables for rows and columns.

import * as email from '@react-email/components';
import { createElement as h } from 'react';
import { Content } from './content.mjs';

/** @returns `{ name, html }` of each */
export async function reactMails() {
  const mails = [];
  for (const [i, [name, body]] of Object.entries(TEMPLATES).entries()) {
    const html = await email.render(whole(body(new Content(2000 + i))));
    mails.push({ name: `react-email/${name}`, html });
  }
  return mails;
}

const TEMPLATES = {
  welcome: (c) => [logo(c), heading(c), ...paragraphs(c, 4), button(c), ...steps(c, 8), footer(c)],
  receipt: (c) => [logo(c), heading(c), ...paragraphs(c, 1), ...lines(c, 18), button(c), footer(c)],
  digest: (c) => [logo(c), heading(c), ...c.list(30, () => teaser(c)), footer(c)],
  shipping: (c) => [logo(c), heading(c), button(c), ...lines(c, 10), ...steps(c, 6), footer(c)],
  changelog: (c) => [
    logo(c),
    ...c.list(14, () => [heading(c), ...paragraphs(c, 2), link(c), button(c)]).flat(),
    footer(c),
  ],
  shop: (c) => [logo(c), heading(c), ...c.list(16, () => products(c)), button(c), footer(c)],
  invitation: (c) => [
    logo(c),
    heading(c),
    ...paragraphs(c, 12),
    button(c),
    ...steps(c, 4),
    footer(c),
  ],
  'weekly-report': (c) => [
    logo(c),
    heading(c),
    ...c.list(5, () => [...lines(c, 8), link(c)]).flat(),
    footer(c),
  ],
};

const FONT = '-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",sans-serif';
const body = { backgroundColor: '#f6f9fc', fontFamily: FONT, margin: '0 auto' };
const box = { backgroundColor: '#ffffff', padding: '20px 48px 48px', maxWidth: '600px' };
const plain = { color: '#525f7f', fontSize: '16px', lineHeight: '24px', textAlign: 'left' };
const blue = { color: '#556cd6', textDecoration: 'underline' };
const cell = { padding: '12px 8px', borderBottom: '1px solid #e6ebf1', verticalAlign: 'top' };
const filled = { ...blue, color: '#fff', backgroundColor: '#656ee8', padding: '10px 24px' };

const whole = (children) =>
  h(
    email.Html,
    { lang: 'en' },
    h(email.Head, null, h('title', null, 'News & more')),
    h(email.Preview, null, 'What is new this week'),
    h(email.Body, { style: body }, h(email.Container, { style: box }, ...children)),
  );

const text = (...children) => h(email.Text, { style: plain }, ...children);
const paragraphs = (c, count) => c.list(count, () => text(c.paragraph()));
const heading = (c) =>
  h(email.Heading, { as: 'h2', style: { ...plain, fontSize: '24px' } }, c.words(5));
const link = (c, words = 3) => h(email.Link, { href: c.url(), style: blue }, c.words(words));
const button = (c) => h(email.Button, { href: c.url('offers'), style: filled }, c.words(2));
const column = (style, ...children) =>
  h(email.Column, { style: { ...cell, ...style } }, ...children);

const logo = (c) =>
  h(
    email.Section,
    null,
    h(
      email.Link,
      { href: c.url('home') },
      h(email.Img, { src: c.image(), width: 49, height: 21, alt: 'Example' }),
    ),
    h(email.Hr, { style: { borderColor: '#e6ebf1', margin: '20px 0' } }),
  );

const lines = (c, count) =>
  c.list(count, () =>
    h(
      email.Row,
      null,
      column({ width: '64px' }, h(email.Img, { src: c.image(), width: 64, height: 64, alt: '' })),
      column({}, text(c.words(4)), text(c.words(3))),
      column({ textAlign: 'right' }, text('$', c.price())),
    ),
  );

const steps = (c, count) =>
  c.list(count, (i) =>
    h(
      email.Row,
      null,
      column({ width: '32px' }, text(i + 1, '.')),
      column({}, text(c.paragraph())),
    ),
  );

const teaser = (c) =>
  h(
    email.Section,
    { style: cell },
    h(email.Link, { href: c.url(), style: { ...blue, fontWeight: 600 } }, c.words(6)),
    text(c.paragraph()),
  );

const products = (c) =>
  h(
    email.Row,
    null,
    ...c.list(2, () =>
      column(
        { width: '50%' },
        h(
          email.Link,
          { href: c.url('products') },
          h(email.Img, { src: c.image(), width: 240, alt: c.words(3) }),
        ),
        text(c.words(5), h('br'), h('b', null, '$', c.price())),
        button(c),
      ),
    ),
  );

const footer = (c) =>
  h(
    email.Section,
    null,
    h(email.Hr, { style: { borderColor: '#e6ebf1', margin: '20px 0' } }),
    text(
      c.words(12),
      '. ',
      link(c, 1),
      ' · ',
      h(email.Link, { href: 'mailto:hello@example.com' }, 'Write to us'),
    ),
    h(email.Link, { href: c.url('unsubscribe'), style: blue }, 'Unsubscribe'),
  );
