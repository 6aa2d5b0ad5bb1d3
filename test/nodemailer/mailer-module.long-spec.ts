import { join } from 'node:path';
import { MailerModule, MailerService } from '@nestjs-modules/mailer';
import { EjsAdapter } from '@nestjs-modules/mailer/adapters/ejs.adapter';
import { HandlebarsAdapter } from '@nestjs-modules/mailer/adapters/handlebars.adapter';
import { PugAdapter } from '@nestjs-modules/mailer/adapters/pug.adapter';
import { TrackingService } from 'nestjs-email-tracking';
import { tracked, type TrackingOutcome, trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import { TestApp } from '../support/app.js';
import { linksIn, MailServer } from './mail-server.js';

const ADAPTERS = [
  ['Handlebars', HandlebarsAdapter],
  ['Pug', PugAdapter],
  ['EJS', EjsAdapter],
] as const;

describe.each(ADAPTERS)('@nestjs-modules/mailer with %s', (_, Adapter) => {
  let server: MailServer;
  let app: TestApp;
  const outcomes: TrackingOutcome[] = [];

  beforeAll(async () => {
    server = await MailServer.start();
    app = await TestApp.start('express', {
      metadata: {
        imports: [
          MailerModule.forRootAsync({
            imports: [],
            inject: [TrackingService],
            useFactory: (tracking: TrackingService) => ({
              transport: server.transport,
              template: {
                dir: join(process.cwd(), 'test', 'nodemailer', 'templates'),
                adapter: new Adapter(),
              },
              plugins: [
                {
                  step: 'compile' as const,
                  plugin: trackingPlugin(tracking, {
                    tags: ['mailer'],
                    onOutcome: (outcome) => void outcomes.push(outcome),
                  }),
                },
              ],
            }),
          }),
        ],
      },
    });
  });
  afterAll(async () => {
    await app.close();
    await server.close();
  });

  test('from the template to the click, and the open', async () => {
    await app.app.get(MailerService).sendMail(
      tracked(
        {
          from: 'shop@example.com',
          to: 'Ann <ann@example.com>',
          subject: 'For {{name}}',
          template: 'sale',
          context: { name: 'Ann' },
        },
        { metadata: { campaign: 'spring' } },
      ),
    );
    const { parsed, raw } = server.take();
    expect(parsed.subject).toBe('For Ann');
    expect(parsed.html).toContain('Hello Ann!');
    expect(raw.toString()).not.toMatch(/spring/);

    const { clicks, pixels } = linksIn(parsed.html);
    const answer = await app.get(clicks[0]!);
    expect([answer.status, answer.headers.location]).toEqual([
      302,
      'https://www.example.com/sale?a=1&b=2',
    ]);
    await app.get(pixels[0]!);
    await app.settled();
    const expected = {
      recipient: 'ann@example.com',
      messageId: parsed.messageId,
      metadata: { campaign: 'spring' },
      tags: ['mailer'],
    };
    expect(app.recorder.events).toMatchObject([
      { eventType: 'clicked', clickUrl: 'https://www.example.com/sale?a=1&b=2', ...expected },
      { eventType: 'opened', ...expected },
    ]);
    expect(outcomes.pop()).toMatchObject({ tracked: true, messageId: parsed.messageId });
  });

  test('obeys X-Track', async () => {
    await app.app.get(MailerService).sendMail({
      from: 'shop@example.com',
      to: 'ann@example.com',
      template: 'sale',
      context: { name: 'Ann' },
      headers: { 'X-Track': 'none' },
    });
    const { parsed, raw } = server.take();
    expect(parsed.html).toContain('Hello Ann!');
    expect(parsed.html).not.toContain('t.example.com');
    expect(raw.toString()).not.toMatch(/x-track/i);
    expect(outcomes.pop()).toMatchObject({ tracked: false, reason: 'x-track' });
  });

  test('puts the headers of one-click unsubscribe on a mail of a list', async () => {
    const mail = {
      from: 'shop@example.com',
      to: 'ann@example.com',
      template: 'sale',
      context: { name: 'Ann' },
    };
    const overrides = { baseUnsubscribeUrl: 'https://t.example.com/leave/' };
    const options = { unsubscribe: { list: 'news' }, overrides };
    await app.app.get(MailerService).sendMail(tracked(mail, options));
    const { raw } = server.take();
    const [, url] = /^List-Unsubscribe:\s+<(\S+)>\r$/m.exec(raw.toString())!;
    expect(app.tracking.getUnsubscribeResult(url!, overrides)).toMatchObject({
      recipient: 'ann@example.com',
      list: 'news',
    });
    expect(raw.toString()).toContain('\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n');
    expect(outcomes.pop()).toMatchObject({ tracked: true, unsubscribe: 'added', dkim: 'unknown' });
  });
});
