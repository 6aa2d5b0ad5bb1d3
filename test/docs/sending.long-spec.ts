import Handlebars from 'handlebars';
import mjml2html from 'mjml';
import { trackingHelpers } from 'nestjs-email-tracking';
import { hrefsOf } from '../sending/rendered-mail.js';
import { serviceFor } from '../support/service.js';
import { readDocument } from './markdown.js';

const tracking = serviceFor();
const helpers = trackingHelpers(tracking, { recipient: 'ann@example.com' });
const url = 'https://example.com/sale?a=1&b=2';
const template = readDocument('docs/sending.md').blocks.find(
  ({ section, language }) => section === 'MJML' && language === 'html',
);

test('the template of the guide renders in MJML, with placeholders', async () => {
  const { html, errors } = await mjml2html(template!.code);
  expect(errors).toEqual([]);
  const shop = 'https://example.com/shop';
  const rendered = Handlebars.compile(html)({ url, sale: true, shop }, { helpers });
  const { report } = tracking.adaptMessage({ html: rendered });
  expect(report.links).toMatchObject([{ reason: 'already-tracked' }, { url: shop, tracked: true }]);
  expect(tracking.getClickTrackingResult(hrefsOf(rendered)[0]!).linkLabel).toBe('cta');
  expect(Handlebars.compile(html)({ url }, { helpers })).not.toContain('<a ');
});
