import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HandlebarsAdapter } from '@nestjs-modules/mailer/adapters/handlebars.adapter';
import ejs from 'ejs';
import Handlebars from 'handlebars';
import nunjucks from 'nunjucks';
import pug from 'pug';
import { trackingHelpers, type TrackingHelpers } from 'nestjs-email-tracking';
import { hrefsOf } from '../sending/rendered-mail.js';
import { serviceFor } from '../support/service.js';
import { unionOf } from './declarations.js';
import { readDocument, tablesOf } from './markdown.js';

const guide = readDocument('docs/sending.md');
const tracking = serviceFor();
const helpers = trackingHelpers(tracking, { recipient: 'ann@example.com' });
const url = 'https://example.com/sale?a=1&b=2';
const data = { name: 'Ann', url };

function template(section: string): string {
  const [block, ...others] = guide.blocks.filter(
    (one) => one.section === section && ['html', 'pug'].includes(one.language),
  );
  if (!block || others.length > 0) throw new Error(`blocks of ${section}`);
  return block.code;
}

function expectTracked(html: string, links: number): void {
  const { report } = tracking.adaptMessage({ html });
  expect(report.pixel).toBe('none');
  expect(html.match(/<img src="https:\/\/t\.example\.com\/open\//g)).toHaveLength(1);
  expect(report.links).toHaveLength(links);
  expect(report.links[0]).toMatchObject({ reason: 'already-tracked' });
  expect(tracking.getClickTrackingResult(hrefsOf(html)[0]!)).toMatchObject({
    trackedUrl: url,
    linkLabel: 'cta',
    recipient: 'ann@example.com',
  });
}

describe('the templates of the guide', () => {
  const env = new nunjucks.Environment(null, { autoescape: true });
  const render: Record<string, (source: string, helpers: TrackingHelpers) => string> = {
    Handlebars: (source, helpers) => Handlebars.compile(source)(data, { helpers }),
    Pug: (source, helpers) => pug.render(source, { ...data, ...helpers }),
    EJS: (source, helpers) => ejs.render(source, { ...data, ...helpers }),
    Nunjucks: (source, helpers) => env.renderString(source, { ...data, ...helpers }),
  };

  test.each(Object.keys(render))('in %s', (engine) => {
    const html = render[engine]!(template(`Template helpers / In ${engine}`), helpers);
    expect(html).toContain('Dear Ann,');
    expect(html).toMatch(/, <a href/);
    expectTracked(html, 1);
  });

  test('in Handlebars, with the adapter of @nestjs-modules/mailer and the context', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sending-'));
    try {
      writeFileSync(join(dir, 'sale.hbs'), template('Template helpers / In Handlebars'));
      const mail = { data: { template: 'sale', context: { ...data, ...helpers }, html: '' } };
      await new Promise<void>((resolve, reject) => {
        const done = (error?: Error) => (error ? reject(error) : resolve());
        new HandlebarsAdapter().compile(mail, done, { template: { dir } });
      });
      expectTracked(mail.data.html, 1);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('the claims of the guide', () => {
  test.each([
    ['Amazon SES', 'docs.aws.amazon.com'],
    ['SendGrid', 'www.twilio.com/docs/sendgrid'],
    ['Mailgun', 'documentation.mailgun.com'],
    ['Postmark', 'postmarkapp.com'],
    ['Resend', 'resend.com/docs'],
  ])('%s: the page of the vendor is named, and there is an example', (provider, host) => {
    const [, text] = guide.text.split(`\n### ${provider}\n`);
    expect(text!.split('\n### ')[0]).toMatch(new RegExp(`\\]\\(https://(www\\.)?${host}/`));
    expect(
      guide.blocks.filter(({ section }) => section === `SDKs of providers / ${provider}`),
    ).toHaveLength(1);
  });

  test('every reason why a link is left alone is explained', () => {
    const [table] = tablesOf(guide, 'What is tracked / Links that are left alone');
    expect(table!.rows.map(([reason]) => reason)).toEqual(
      unionOf('lib/message/rewrite-report.ts', 'SkipReason'),
    );
  });

  test('every warning is explained', () => {
    const [table] = tablesOf(guide, 'Warnings');
    expect(table!.rows.map(([code]) => code)).toEqual(
      expect.arrayContaining(unionOf('lib/message/rewrite-report.ts', 'RewriteWarningCode')),
    );
  });
});
