import { pageWith, pathOf, rowOf } from './numbers.js';
import { eventsOf, newestMail, send, startSample, type Sample } from './start-sample.js';

describe('the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  it('sends a mail, receives it, and shows its open and click on the dashboard', async () => {
    const { messageId, report } = await send(sample, {
      html: '<p>Hello, <a href="https://example.com/report?a=1&amp;b=2">read it</a></p>',
      metadata: { campaign: 'smoke' },
    });
    expect(report.links).toMatchObject([{ tracked: true }]);
    const mail = await newestMail(sample);
    expect(mail.messageId).toBe(messageId);

    await sample.http
      .get(/\/open\/[\w=-]+/.exec(mail.html)![0])
      .expect(200)
      .expect('Content-Type', /^image\//);
    await sample.http
      .get(/\/click\/[\w=-]+/.exec(mail.html)![0])
      .expect(302)
      .expect('Location', 'https://example.com/report?a=1&b=2');
    const events = await eventsOf(sample, messageId, 2);
    expect(new Set(events.map(({ eventType }) => eventType))).toEqual(
      new Set(['opened', 'clicked']),
    );

    const timeline = await pageWith(
      sample,
      pathOf(messageId),
      ($) => $('#story [data-type]').length === 2,
    );
    // Headers of no browser: whoever this was, it is not called a person.
    const headlines = timeline('#story [data-type] b').text();
    expect(headlines).toMatch(/loaded the image/);
    expect(headlines).toMatch(/followed example\.com\/report/);
    const dashboard = await pageWith(
      sample,
      '/dashboard',
      ($) => rowOf($, '#campaigns', 'smoke')[0] === '1',
    );
    // Both are one entry, because they happened within seconds.
    expect(dashboard('#activity li b').text()).toMatch(/loaded the image and followed example/);
  });
});
