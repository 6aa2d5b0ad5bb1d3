import { readFileSync } from 'node:fs';
import { eventsOf, newestMail, send, startSample, type Sample } from './start-sample.js';

const HTML = `<!doctype html>
<p>Hello, <a href="https://example.com/report?month=11&amp;view=full">read it</a>
or <a href="mailto:team@example.com">write</a>.</p>`;

describe('a mail of the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  it('goes over SMTP to the inbox, rewritten', async () => {
    const { messageId, report } = await send(sample, { html: HTML, text: 'Hello' });

    const list = await sample.http.get('/api/inbox').expect(200);
    expect(list.body).toEqual([
      { id: '1', messageId, to: 'ada@example.com', subject: 'Hello', date: expect.any(String) },
    ]);
    const mail = await newestMail(sample);
    expect(mail.text?.trim()).toBe('Hello');
    expect(mail.headers).toMatchObject({ 'message-id': messageId, subject: 'Hello' });
    expect(mail.headers['content-type']).toContain('multipart/alternative');
    expect(mail.html).toContain('href="mailto:team@example.com"');
    expect(mail.html).not.toContain('https://example.com/report');
    expect(mail.html).toContain(`${sample.settings.publicUrl}/click/`);
    expect(mail.html).toContain(`${sample.settings.publicUrl}/open/`);

    expect(report.pixel).toBe('bottom');
    expect(report.links).toMatchObject([
      { url: 'https://example.com/report?month=11&view=full', tracked: true },
      { url: 'mailto:team@example.com', tracked: false, reason: 'scheme' },
    ]);
  });

  it('reports an open when its pixel is loaded', async () => {
    const { messageId } = await send(sample, { html: HTML, metadata: { order: 7 } });
    const { html } = await newestMail(sample);

    await sample.http
      .get(pathIn(html, 'open'))
      .set('User-Agent', 'Reader/1')
      .expect(200)
      .expect('Content-Type', /^image\//);

    const [event] = await eventsOf(sample, messageId, 1);
    expect(event).toMatchObject({
      eventType: 'opened',
      messageId,
      recipient: 'ada@example.com',
      metadata: { order: 7 },
      userAgent: 'Reader/1',
    });
  });

  it('redirects a click and reports it, newest first', async () => {
    const { messageId } = await send(sample, { html: HTML });
    const { html } = await newestMail(sample);

    await sample.http.get(pathIn(html, 'open')).expect(200);
    await eventsOf(sample, messageId, 1);
    await sample.http
      .get(pathIn(html, 'click'))
      .expect(302)
      .expect('Location', 'https://example.com/report?month=11&view=full');

    const events = await eventsOf(sample, messageId, 2);
    expect(events.map(({ eventType }) => eventType)).toEqual(['clicked', 'opened']);
    expect(events[0]).toMatchObject({
      messageId,
      clickUrl: 'https://example.com/report?month=11&view=full',
    });
  });

  it.each(['welcome', 'newsletter', 'receipt'])('can be the template %s', async (template) => {
    const { report } = await send(sample, { template });
    const { html, text } = await newestMail(sample);

    expect(html).not.toContain('{{');
    expect(text).not.toContain('{{');
    expect(report.warnings).toEqual([]);
    const untracked = report.links.filter(({ tracked }) => !tracked);
    const alone = ['scheme', 'fragment', 'unsubscribe', 'is-unsubscribe', 'no-track'];
    for (const { reason } of untracked) expect(alone).toContain(reason);
    expect(html).not.toMatch(/data-no-track|data-track-label/);
    expect(report.links.length - untracked.length).toBeGreaterThanOrEqual(6);

    // Its links lead to pages of the app, so that the demo needs no Internet.
    const redirect = await sample.http.get(pathIn(html, 'click')).expect(302);
    const arrival = await fetch(redirect.headers.location!);
    expect(arrival.status).toBe(200);
    expect(await arrival.text()).toContain('You have arrived');
  });

  it('tracks the button that only Outlook shows', async () => {
    const { report } = await send(sample, { template: 'welcome' });
    const { html } = await newestMail(sample);
    const [, url] = /<!--\[if mso\]>[^]*<v:roundrect[^]*?href="([^"]*)"[^]*<!\[endif\]-->/.exec(
      html,
    )!;
    const link = report.links.find(({ label }) => label === 'start button in Outlook');
    expect(link).toMatchObject({ tracked: true, trackingUrl: url });
  });

  it('has its text part tracked if one asks for it', async () => {
    await send(sample, { template: 'newsletter' });
    expect((await newestMail(sample)).text).not.toContain('/click/');
    const { messageId, report } = await send(sample, {
      template: 'newsletter',
      textTracking: true,
    });
    const { text } = await newestMail(sample);
    const tracked = report.links.filter(({ part, tracked }) => part === 'text' && tracked);
    expect(tracked.length).toBeGreaterThan(2);
    for (const { trackingUrl } of tracked) expect(text).toContain(trackingUrl);
    await sample.http.get(pathIn(text!, 'click')).expect(302);
    expect((await eventsOf(sample, messageId, 1))[0]).toMatchObject({ part: 'text' });
  });

  it('comes with a report whose reasons the page can put into words', async () => {
    const script = await sample.http.get('/assets/report.js').expect(200);
    const reasons = [
      ...readFileSync('lib/message/rewrite-report.ts', 'utf8').matchAll(/^ \* \| `([a-z-]+)`/gm),
    ].map(([, reason]) => reason!);
    expect(reasons.length).toBeGreaterThan(12);
    for (const reason of reasons)
      expect(script.text).toMatch(new RegExp(`^  '?${reason}'?: '`, 'm'));
  });

  it('may be HTML alone', async () => {
    await send(sample, { html: HTML });
    expect((await newestMail(sample)).text).toBeNull();
  });

  it('may be text alone', async () => {
    await send(sample, { text: 'Just text: https://example.com' });
    const mail = await newestMail(sample);
    await sample.http.get(`/api/inbox/${mail.id}`).expect(({ body }) => {
      expect(body.html).toBeNull();
    });
    expect(mail.text).toContain('Just text');
    const frame = await sample.http.get(`/inbox/${mail.id}/frame`).expect(200);
    expect(frame.text).toContain('Just text');
  });
});

/** The path of the first tracking URL of a kind in a mail. */
function pathIn(html: string, kind: 'open' | 'click'): string {
  return new RegExp(`/${kind}/[\\w=-]+`).exec(html)![0];
}
