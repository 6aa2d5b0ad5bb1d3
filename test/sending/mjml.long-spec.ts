import Handlebars from 'handlebars';
import mjml2html from 'mjml';
import { trackingHelpers } from 'nestjs-email-tracking';
import { serviceFor } from '../support/service.js';
import { destinationsOf, hrefsOf, undo } from './rendered-mail.js';

const tracking = serviceFor();
const context = { messageId: '<42@example.com>', recipient: 'ann@example.com' };

const MAIL = `
<mjml>
  <mj-head>
    <mj-title>Sale</mj-title>
    <mj-preview>Up to 50 % off</mj-preview>
    <mj-style>.dark a[href^="https://example.com/"] { color: #fff }</mj-style>
  </mj-head>
  <mj-body>
    <mj-raw><!--[if mso]><p style="mso-hide:all">Outlook &amp; others</p><![endif]--></mj-raw>
    <mj-hero background-url="https://example.com/hero.png" background-width="600px" background-height="100px">
      <mj-text>Only <strong>today</strong></mj-text>
    </mj-hero>
    <mj-section>
      <mj-column>
        <mj-image href="https://example.com/sale?from=image&amp;size=large" src="https://example.com/sale.png" alt="Sale" width="300px" />
        <mj-button href="https://example.com/sale?from=button&amp;q=a%20b#top">To the sale</mj-button>
      </mj-column>
      <mj-column>
        <mj-text>Read <a href="https://example.com/terms?v=1&l=en">the terms</a>, or
          <a href='mailto:help@example.com?subject=Sale&body=Hello'>ask</a>.</mj-text>
        <mj-social>
          <mj-social-element name="facebook" href="https://example.com/post">Share</mj-social-element>
        </mj-social>
        <mj-navbar hamburger="hamburger">
          <mj-navbar-link href="https://example.com/shop">Shop</mj-navbar-link>
        </mj-navbar>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`;

/** What MJML makes of the links that lead to the web, in the order of its HTML. */
const SOURCES = [
  'https://example.com/sale?from=image&amp;size=large',
  'https://example.com/sale?from=button&amp;q=a%20b#top',
  'https://example.com/terms?v=1&l=en',
  'https://www.facebook.com/sharer/sharer.php?u=https://example.com/post',
  'https://www.facebook.com/sharer/sharer.php?u=https://example.com/post',
  'https://example.com/shop',
];

describe('a mail made by MJML', () => {
  test('renders first and is adapted after: links change, and nothing else', async () => {
    const { html, errors } = await mjml2html(MAIL, { validationLevel: 'strict' });
    expect(errors).toEqual([]);
    for (const comment of ['<!--[if mso | IE]>', '<v:image', '<!--[if !mso]><!-->']) {
      expect(html).toContain(comment);
    }

    const adapted = tracking.adaptMessage({ html, ...context });

    expect(undo(adapted, SOURCES)).toBe(html);
    expect(adapted.report).toMatchObject({ pixel: 'bottom', warnings: [] });
    expect(adapted.report.links.filter((link) => !link.tracked)).toMatchObject([
      { url: 'mailto:help@example.com?subject=Sale&body=Hello', reason: 'scheme' },
    ]);
    expect(destinationsOf(adapted.html!, tracking)).toEqual(hrefsOf(html));
    for (const { url, trackingUrl } of adapted.report.links.filter((link) => link.tracked)) {
      expect(tracking.getClickTrackingResult(trackingUrl!)).toMatchObject({
        trackedUrl: url,
        ...context,
      });
    }
  });
});

describe('placeholders in MJML', () => {
  const TEMPLATE = `
<mjml>
  <mj-body>
    <mj-raw>{{#if sale}}</mj-raw>
    <mj-section><mj-column>
      <mj-button href="{{url}}">{{name}}, to the sale</mj-button>
      <mj-button href="{{trackedUrl url 'cta'}}">Or here</mj-button>
    </mj-column></mj-section>
    <mj-raw>{{else}}</mj-raw>
    <mj-section><mj-column><mj-text>No sale</mj-text></mj-column></mj-section>
    <mj-raw>{{/if}}{{trackingPixel}}</mj-raw>
  </mj-body>
</mjml>`;
  const data = { sale: true, name: 'Ann', url: 'https://example.com/sale?a=1&b=2' };

  test('are filled in between MJML and adaptMessage', async () => {
    const { html, errors } = await mjml2html(TEMPLATE);
    expect(errors).toEqual([]);
    const helpers = trackingHelpers(tracking, context);
    const rendered = Handlebars.compile(html)(data, { helpers });
    expect(rendered).not.toContain('No sale');

    const adapted = tracking.adaptMessage({ html: rendered, ...context });

    expect(adapted.report.links).toMatchObject([
      { url: data.url, tracked: true },
      { tracked: false, reason: 'already-tracked' },
    ]);
    expect(adapted.report.pixel).toBe('none');
    expect(destinationsOf(adapted.html!, tracking)).toEqual([data.url, data.url]);
    const [, byHand] = hrefsOf(adapted.html!);
    expect(tracking.getClickTrackingResult(byHand!)).toMatchObject({
      ...context,
      linkLabel: 'cta',
      part: 'html',
    });
  });

  test('are left alone where the mail is adapted too early', async () => {
    const { html } = await mjml2html(TEMPLATE);
    const adapted = tracking.adaptMessage({ html });
    expect(adapted.report.links).toMatchObject([
      { tracked: false, reason: 'placeholder' },
      { tracked: false, reason: 'placeholder' },
    ]);
    expect(undo(adapted, [])).toBe(html);
  });

  // The reasons why docs/sending.md says what it says.
  test('are dropped by MJML where they are no value of a tag and not in mj-raw', async () => {
    const { html, errors } = await mjml2html(
      '<mjml><mj-body>{{#if sale}}<mj-section></mj-section>{{/if}}</mj-body></mjml>',
    );
    expect(html).not.toContain('{{');
    expect(errors).toEqual([]);
  });

  test('are cut by MJML at a double quote', async () => {
    const { html } = await mjml2html(TEMPLATE.replaceAll("'cta'", '"cta"'));
    expect(html).toContain('href="{{trackedUrl url "');
    expect(html).not.toContain('{{trackedUrl url "cta"}}');
  });

  test('mj-html-attributes puts an attribute on a link', async () => {
    const { html } = await mjml2html(`
<mjml>
  <mj-head>
    <mj-html-attributes>
      <mj-selector path=".cta a">
        <mj-html-attribute name="data-track-label">cta</mj-html-attribute>
      </mj-selector>
    </mj-html-attributes>
  </mj-head>
  <mj-body>
    <mj-section><mj-column>
      <mj-button css-class="cta" href="https://example.com/sale">To the sale</mj-button>
    </mj-column></mj-section>
  </mj-body>
</mjml>`);
    expect(html).toMatch(/<a href="https:\/\/example\.com\/sale"[^>]* data-track-label="cta"/);
  });
});
