import { tracked, type TrackingOutcome, trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { PLATFORMS, TestApp } from '../support/app.js';
import { multipart, post, UNSUBSCRIBING } from '../unsubscribe/unsubscribe-app.js';
import { NODEMAILERS, type TestTransporter } from './nodemailers.js';

const MAIL = { from: 'shop@example.com', subject: 'Hi', html: '<p>Hello</p>' };
const NEWS = { unsubscribe: { list: 'news' } };

describe.each(PLATFORMS)('a reader leaves by the header of a mail, on %s', (platform) => {
  const outcomes: TrackingOutcome[] = [];
  const [, createTransport] = NODEMAILERS.at(-1)!;
  let app: TestApp;
  let transporter: TestTransporter;

  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: UNSUBSCRIBING,
      metadata: { imports: [TrackingSuppressionModule.forRoot()] },
    });
    const plugin = trackingPlugin(app.tracking, {
      suppression: { service: app.app.get(SuppressionService) },
      onOutcome: (outcome) => void outcomes.push(outcome),
    });
    transporter = createTransport({ streamTransport: true, buffer: true });
    transporter.use('compile', plugin);
  });
  afterAll(async () => {
    await app.close();
  });

  const send = async (to: string | string[], options: object = NEWS) => {
    const { message, envelope } = await transporter.sendMail(tracked({ ...MAIL, to }, options));
    return { raw: String(message), to: envelope.to };
  };
  const leave = async (raw: string) => {
    const [, url] = /^List-Unsubscribe:\s+<(\S+)>/m.exec(raw)!;
    const answer = await post(app, url!, multipart('One-Click'));
    expect(answer.status).toBe(200);
  };
  const refused = expect.objectContaining({ code: 'ALL_SUPPRESSED' }) as unknown;

  test.each([
    ['ann@example.com', 'Ann@EXAMPLE.com'],
    ['ann+news@example.com', 'Ann <ANN+news@example.com>'],
    ['ann@müller.example', 'ann@xn--mller-kva.example'],
    ['<"ann boss"@example.com>', 'Ann <"Ann Boss"@example.com>'],
  ])('%s gets no mail of the list any more, and all others', async (address, again) => {
    await leave((await send(address)).raw);
    await expect(send(address)).rejects.toEqual(refused);
    await expect(send(again)).rejects.toEqual(refused);
    expect((await send(again, { unsubscribe: { list: 'offers' } })).to).toHaveLength(1);
    expect((await send(again, {})).to).toHaveLength(1);

    const { to, raw } = await send([again, 'bob@example.com']);
    expect(to).toEqual(['bob@example.com']);
    const [, url] = /^List-Unsubscribe:\s+<(\S+)>/m.exec(raw)!;
    expect(app.tracking.getUnsubscribeResult(url!).recipient).toBe('bob@example.com');
    expect(outcomes.at(-1)).toMatchObject({ unsubscribe: 'added', suppressed: 1 });
  });

  test('one who subscribes again gets it again', async () => {
    const { raw } = await send('eve@example.com');
    await leave(raw);
    await expect(send('eve@example.com')).rejects.toEqual(refused);
    await app.app.get(SuppressionService).remove('eve@example.com', 'list:news', 'subscribed');
    expect((await send('eve@example.com')).to).toEqual(['eve@example.com']);
  });
});
