// Mails as people write them in MJML; what they become is full of conditional comments for Outlook.

import mjml2html from 'mjml';
import { Content } from './content.mjs';

/** @returns `{ name, html }` of each */
export async function mjmlMails() {
  const mails = [];
  for (const [i, [name, body]] of Object.entries(TEMPLATES).entries()) {
    const { html, errors } = await mjml2html(whole(body(new Content(1000 + i))));
    if (errors.length > 0) throw new Error(`${name}: ${errors[0].formattedMessage}`);
    mails.push({ name: `mjml/${name}`, html });
  }
  return mails;
}

const TEMPLATES = {
  welcome: (c) => [
    menu(c),
    hero(c),
    ...c.list(3, () => imageBeside(c)),
    columns(c, 3, step),
    buttons(c, 2),
    footer(c),
  ],
  newsletter: (c) => [
    menu(c),
    hero(c),
    ...c.list(6, () => imageBeside(c)),
    ...c.list(2, () => columns(c, 2, card)),
    footer(c),
  ],
  digest: (c) => [
    menu(c),
    section(column(title(c) + text(c.paragraph()))),
    ...c.list(10, () => section(column(c.list(4, () => teaser(c)).join('')))),
    footer(c),
  ],
  receipt: (c) => [
    menu(c),
    section(column(title(c) + text(c.paragraph()) + table(c, 24))),
    buttons(c, 1),
    section(column(text(c.paragraph()))),
    footer(c),
  ],
  promo: (c) => [
    menu(c),
    hero(c),
    ...c.list(5, () => columns(c, 3, product)),
    buttons(c, 1),
    footer(c),
  ],
  catalogue: (c) => [
    menu(c),
    hero(c),
    ...c.list(14, () => columns(c, 2, product)),
    buttons(c, 2),
    footer(c),
  ],
  announcement: (c) => [
    hero(c),
    section(column(c.list(5, () => text(c.paragraph())).join(''))),
    imageBeside(c),
    buttons(c, 1),
    footer(c),
  ],
  event: (c) => [
    menu(c),
    hero(c),
    ...c.list(3, () => columns(c, 2, card)),
    section(column(table(c, 10))),
    section(column(accordion(c, 5))),
    buttons(c, 2),
    footer(c),
  ],
};

function whole(sections) {
  return `<mjml>
    <mj-head>
      <mj-title>The week at Example</mj-title>
      <mj-preview>What is new &amp; what is next</mj-preview>
      <mj-font name="Inter" href="https://fonts.example.com/css?family=Inter" />
      <mj-attributes>
        <mj-all font-family="Inter, Helvetica, Arial, sans-serif" />
        <mj-text font-size="15px" line-height="24px" color="#33383f" />
        <mj-button background-color="#1f6feb" border-radius="6px" font-weight="600" />
      </mj-attributes>
      <mj-style>.links a { color: #1f6feb; text-decoration: none; } .links a:hover { color: #000; }</mj-style>
    </mj-head>
    <mj-body background-color="#f2f4f7">${sections.join('')}</mj-body>
  </mjml>`;
}

const url = (c, kind) => escaped(c.url(kind));
const escaped = (text) => text.replaceAll('&', '&amp;');

const section = (content) =>
  `<mj-section background-color="#ffffff" padding="16px 24px">${content}</mj-section>`;
const column = (content) => `<mj-column>${content}</mj-column>`;
const text = (content) => `<mj-text css-class="links">${content}</mj-text>`;
const title = (c) =>
  `<mj-text font-size="24px" line-height="32px" font-weight="700">${c.words(5)}</mj-text>`;

const menu = (c) =>
  `<mj-section><mj-column><mj-image width="120px" src="${c.image()}" href="${url(c, 'home')}" alt="Example" />
    <mj-navbar>${c.list(4, () => `<mj-navbar-link href="${url(c, 'menu')}">${c.words(1)}</mj-navbar-link>`).join('')}</mj-navbar>
  </mj-column></mj-section>`;

const hero = (c) =>
  `<mj-hero mode="fixed-height" height="280px" background-width="600px" background-height="280px"
    background-url="${c.image()}" background-color="#2a3448" padding="60px 0">
    <mj-text align="center" color="#ffffff" font-size="32px" line-height="40px">${c.words(6)}</mj-text>
    <mj-button href="${url(c, 'offers')}">${c.words(2)}</mj-button>
  </mj-hero>`;

const imageBeside = (c) =>
  section(
    `<mj-column width="35%"><mj-image src="${c.image()}" href="${url(c)}" alt="${c.words(3)}" /></mj-column>
     <mj-column width="65%">${title(c)}${text(`${c.paragraph()} <a href="${url(c)}">${c.words(2)}</a>`)}</mj-column>`,
  );

const columns = (c, count, content) => section(c.list(count, () => column(content(c))).join(''));

const step = (c) =>
  `<mj-image width="48px" src="${c.image()}" alt="" />${text(`<b>${c.words(3)}</b><br/>${c.words(14)}`)}`;

const card = (c) =>
  `<mj-image src="${c.image()}" href="${url(c)}" alt="${c.words(3)}" />${text(c.paragraph())}
   <mj-button href="${url(c)}">${c.words(2)}</mj-button>`;

const product = (c) =>
  `<mj-image src="${c.image()}" href="${url(c, 'products')}" alt="${c.words(3)}" />
   ${text(`<a href="${url(c, 'products')}">${c.words(3)}</a><br/><s>${c.price()}</s> <b>${c.price()}</b>`)}`;

const teaser = (c) =>
  text(`<a href="${url(c)}"><b>${c.words(6)}</b></a><br/>${c.paragraph()}`) +
  '<mj-divider border-width="1px" border-color="#e3e6ea" />';

const table = (c, rows) =>
  `<mj-table>${c
    .list(
      rows,
      () =>
        `<tr style="border-bottom:1px solid #e3e6ea"><td style="padding:8px 0">${c.words(4)}</td>
         <td style="padding:8px 0;text-align:right">${c.price()}</td></tr>`,
    )
    .join('')}</mj-table>`;

const accordion = (c, count) =>
  `<mj-accordion>${c
    .list(
      count,
      () =>
        `<mj-accordion-element><mj-accordion-title>${c.words(5)}?</mj-accordion-title>
         <mj-accordion-text>${c.paragraph()}</mj-accordion-text></mj-accordion-element>`,
    )
    .join('')}</mj-accordion>`;

const buttons = (c, count) =>
  columns(c, count, () => `<mj-button href="${url(c, 'offers')}">${c.words(2)}</mj-button>`);

const footer = (c) =>
  `<mj-section><mj-column>
    <mj-social mode="horizontal">${['facebook', 'x', 'instagram', 'linkedin']
      .map(
        (name) => `<mj-social-element name="${name}" href="https://social.example.org/${name}" />`,
      )
      .join('')}</mj-social>
    <mj-text align="center" font-size="12px" css-class="links">${c.paragraph()}
      <a href="${url(c, 'preferences')}">Preferences</a> &middot;
      <a href="mailto:hello@example.com">Write to us</a> &middot;
      <a href="${url(c, 'unsubscribe')}">Unsubscribe</a></mj-text>
  </mj-column></mj-section>`;
