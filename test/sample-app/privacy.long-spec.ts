import type { CheerioAPI } from 'cheerio';
import type { ErasureReport } from 'nestjs-email-tracking/privacy';
import type { PrivacyMode } from 'nestjs-email-tracking';
import type { LoggedEvent } from '../../sample-app/src/events/event-log.js';
import { until } from '../support/until.js';
import { pageAt, pageWith, pathOf, read, rowOf, tilesOf } from './numbers.js';
import { eventsOf, newestMail, send, startSample, type Sample } from './start-sample.js';

const HTML = `<p><a data-track-label="the report" href="https://example.com/report">read it</a></p>`;

/** What the app says of an event. */
type Told = LoggedEvent & { words: Record<'name' | 'headline' | 'note' | 'who', string | null> };

describe('the modes of the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  const wish = (what: string, address: string) =>
    sample.http.post(`/api/privacy/${what}`).send({ address });
  const pageOf = (address: string) => pageAt(sample, `/privacy?address=${address}`);
  const pageOfWith = (address: string, shows: ($: CheerioAPI) => boolean) =>
    pageWith(sample, `/privacy?address=${address}`, shows);

  async function eventsNow(): Promise<Told[]> {
    return (await sample.http.get('/api/events').expect(200)).body as Told[];
  }

  /** What has happened since, when there is as much of it as is waited for. */
  async function eventsSince(before: Told[], count: number): Promise<Told[]> {
    let events: Told[] = [];
    await until(async () => {
      events = (await eventsNow()).slice(0, -before.length || undefined);
      return events.length >= count;
    }, `${count} events`);
    return events;
  }

  /** Sends a mail of a campaign named like its recipient. */
  const sendTo = async (name: string, more: object = {}) => {
    const to = `${name}@example.com`;
    const sent = await send(sample, {
      ...{ to, html: HTML, metadata: { campaign: name, customer: 7 } },
      ...more,
    });
    return { to, ...sent };
  };

  /** The rows about a mail: what each part of it holds, as the page says. */
  const contentsOf = ($: CheerioAPI) =>
    $('.sealed')
      .first()
      .find('tbody tr')
      .toArray()
      .map((row) =>
        $(row)
          .find('th, td')
          .toArray()
          .map((cell) => $(cell).text().trim()),
      );
  const storesOf = ($: CheerioAPI) =>
    $('.store')
      .toArray()
      .map((store) => $(store).attr('data-store'));

  it('offers them in the form, and shows none of anybody before a mail is sent', async () => {
    const $ = await pageAt(sample, '/');
    expect(
      $('#privacy option')
        .toArray()
        .map((option) => $(option).text()),
    ).toEqual(['Everything', 'Deliverability', 'Only counts', 'Nothing']);
    const page = await pageAt(sample, '/privacy');
    expect(page('nav.site [aria-current]').text()).toBe('Privacy');
    expect(page('main').text()).toContain('No mail was sent yet');
    const stranger = await pageOf('nobody@example.com');
    expect(stranger('#kept').text()).toBe('Nothing is kept about this address.');
    expect(stranger('#history').text()).toContain('they were not asked');
  });

  it('records everything of an identified mail', async () => {
    const { to, messageId } = await sendTo('ida', { privacy: 'identified' });
    const before = await pageOf(to);
    const id = `${messageId.slice(1, 9)}…`;
    expect(contentsOf(before)).toEqual([
      ['Pixel', to, id, 'campaign = ida, customer = 7', '–', 'Everything'],
      [
        ...['1 link', to, id, 'campaign = ida, customer = 7'],
        ...['example.com/report', 'Everything'],
      ],
    ]);
    expect(storesOf(before)).toEqual(expect.arrayContaining(['stats', 'sent mails']));

    await read(sample);
    const events = await eventsOf(sample, messageId, 2);
    expect(events).toMatchObject([
      { eventType: 'clicked', recipient: to, words: { note: null } },
      { eventType: 'opened', recipient: to, words: { headline: 'A person opened the mail' } },
    ]);
    const after = await pageOfWith(to, ($) => $('[data-store=stats] li').length === 3);
    expect(after('[data-store="event list"] li')).toHaveLength(2);
  });

  it('keeps the day of the last open of a deliverability mail', async () => {
    const { to } = await sendTo('dee', { privacy: 'deliverability' });
    expect(contentsOf(await pageOf(to))).toEqual([
      ['Pixel', to, '–', '–', '–', 'Deliverability'],
      [...['1 link', 'nobody', '–', 'campaign = dee'], ...['example.com/report', 'Only counts']],
    ]);
    const earlier = await eventsNow();
    await read(sample);
    const [seen, click] = (await eventsSince(earlier, 2)).sort((one) =>
      one.eventType === 'seen' ? -1 : 1,
    );
    expect(seen).toEqual({
      ...{ eventId: expect.any(String), eventType: 'seen', recipient: to, tenant: null },
      day: new Date().toISOString().slice(0, 10),
      words: {
        name: 'Seen',
        headline: `${to} opened a mail today (only the day is kept)`,
        ...{ who: null, note: null },
      },
    });
    expect(click).toMatchObject({ eventType: 'clicked', recipient: null, mode: 'anonymous' });

    const $ = await pageOfWith(to, (page) => page('[data-store=stats]').text().includes('seen'));
    expect($('[data-store=stats]').text()).not.toMatch(/clicked|opened|Firefox/);

    // A second open on the same day leaves one entry.
    await read(sample);
    await eventsSince(earlier, 3);
    const days = (await eventsNow()).filter(({ eventType }) => eventType === 'seen');
    expect(days).toHaveLength(1);
  });

  it('only counts an anonymous mail', async () => {
    const { to, messageId } = await sendTo('ann', { privacy: 'anonymous' });
    const sealed = contentsOf(await pageOf(to));
    expect(sealed).toEqual([
      ['Pixel', 'nobody', '–', 'campaign = ann', '–', 'Only counts'],
      [...['1 link', 'nobody', '–', 'campaign = ann'], ...['example.com/report', 'Only counts']],
    ]);
    const earlier = await eventsNow();
    await read(sample);
    const events = await eventsSince(earlier, 2);
    for (const event of events) {
      expect(event).toMatchObject({ mode: 'anonymous', recipient: null, messageId: null });
      expect(event.words.headline).toMatch(/^Somebody (opened a mail|clicked “the report”)$/);
      expect(event.words.note).toBe('It only counts: nobody is named.');
      expect(JSON.stringify(event)).not.toContain('@example.com');
    }
    const dashboard = await pageWith(
      sample,
      '/dashboard',
      ($) =>
        $('#activity')
          .text()
          .match(/Somebody/g)?.length === 4,
    );
    expect(dashboard('#activity').text()).toContain('It only counts: nobody is named.');
    expect(rowOf(dashboard, '#campaigns', 'ann').slice(0, 2)).toEqual(['1', '–']);
    const campaign = await pageAt(sample, '/campaigns/ann');
    expect(tilesOf(campaign).Mails).toBe('1 sent in this period, 1 of which name nobody');
    expect(tilesOf(campaign)['Opened by people']).toBe('– 0 of 0 mails (1 sent)');
    expect(campaign('#series tr').last().text()).toMatch(/10001000/);
    expect(campaign('#links').text()).toContain('the report');
    // What the store keeps is not about anybody, so only the app's own table knows the mail.
    expect(storesOf(await pageOf(to))).toEqual(['sent mails']);
    const timeline = await pageAt(sample, pathOf(messageId));
    expect(timeline('#story').text()).toMatch(/What may be recorded: Only counts\./);
  });

  it('changes nothing in a mail that is off', async () => {
    const { to, messageId, report } = await sendTo('oli', { privacy: 'off' });
    expect(report).toMatchObject({ pixel: 'none', links: [{ reason: 'privacy-off' }] });
    const { html } = await newestMail(sample);
    expect(html).toContain('href="https://example.com/report"');
    expect(html).not.toMatch(/\/open\/|\/click\//);
    const $ = await pageOf(to);
    expect($('.sealed').text()).toMatch(/Nothing to see: plain links, and no pixel\./);
    expect($('.sealed p').first().text()).toMatch(/Sent with: opens Nothing, clicks\s+Nothing/);
    const visit = sample.http.post(`/api${pathOf(messageId)}/visits`).send({ machine: 'gateway' });
    expect((await visit.expect(201)).body).toEqual({ opens: 0, clicks: 0 });
  });

  it('records nothing of a mail whose recipient withdrew after it was sent, until they agree', async () => {
    const { to, messageId } = await sendTo('wes');
    await wish('withdraw', to).expect(204);
    const earlier = await eventsNow();
    await read(sample);
    // What comes later would come after what does not come.
    const other = await sendTo('other');
    await read(sample);
    await eventsOf(sample, other.messageId, 2);
    expect(await eventsSince(earlier, 2)).toHaveLength(2);
    expect(rowOf(await pageOf(to), '#history', 'Withdrew').slice(0, 3)).toEqual([
      ...['Nothing', 'Nothing', 'sample app'],
    ]);

    await wish('grant', to).expect(204);
    const { html } = await newestMailTo(to);
    await sample.http.get(/\/click\/[\w=-]+/.exec(html)![0]).expect(302);
    await eventsOf(sample, messageId, 1);
    const $ = await pageOf(to);
    expect(
      $('#history tbody th')
        .toArray()
        .map((cell) => $(cell).text()),
    ).toEqual(['Agreed', 'Withdrew']);
    expect(rowOf($, '#history', 'Agreed')[2]).toBe(
      'sample app “The button Agree on the page Privacy”',
    );
  });

  async function newestMailTo(to: string): Promise<{ html: string }> {
    const { body } = await sample.http.get('/api/inbox').expect(200);
    const { id } = (body as { id: string; to: string }[]).find((mail) => mail.to === to)!;
    return (await sample.http.get(`/api/inbox/${id}`).expect(200)).body as { html: string };
  }

  it('sends plain links to who withdrew, whatever the form says, and tracked ones to who agrees again', async () => {
    const to = 'zoe@example.com';
    await wish('withdraw', to).expect(204);
    const { messageId, report } = await sendTo('zoe', { privacy: 'identified' });
    expect(report).toMatchObject({ pixel: 'none', links: [{ reason: 'privacy-off' }] });
    const $ = await pageOf(to);
    expect($('.sealed p').first().text().replace(/\s+/g, ' ')).toBe(
      'Chosen: Everything. Sent with: opens Nothing, clicks Nothing.',
    );
    const timeline = await pageAt(sample, pathOf(messageId));
    expect(timeline('#story').text()).toContain('It has plain links and no pixel');
    await wish('grant', to).expect(204);
    expect((await sendTo('zoe')).report).toMatchObject({ links: [{ tracked: true }] });
    // Consent is the most; the sender may let less be recorded.
    await sendTo('zoe', { privacy: 'anonymous' });
    expect(contentsOf(await pageOf(to)).map((row) => row.at(-1))).toEqual(
      Array(2).fill('Only counts'),
    );
  });

  it('withdraws by the button of the page behind an unsubscribe link', async () => {
    const { to, messageId } = await sendTo('pia', { html: undefined, ...LETTER });
    const mail = await newestMail(sample);
    const [path] = /\/unsubscribe\/[\w-]+/.exec(mail.html)!;
    const page = await sample.http.get(path).expect(200);
    expect(page.text).toContain('Stay subscribed, but do not measure me');
    const press = sample.http.post(path).set('Origin', 'null').type('form');
    await press.send('List-Unsubscribe=Page-Stay-Unmeasured').expect(200);
    expect(rowOf(await pageOf(to), '#history', 'Withdrew').slice(0, 3)).toEqual([
      ...['Nothing', 'Nothing', expect.stringMatching(/^On the page of an unsubscribe link/)],
    ]);
    expect((await pageAt(sample, '/suppressed')).text()).not.toContain(to);
    await sample.http.get(/\/click\/[\w=-]+/.exec(mail.html)![0]).expect(302);
    // They stay subscribed: the next letter arrives.
    await sendTo('pia', { html: undefined, ...LETTER });
    expect((await newestMail(sample)).html).not.toMatch(/\/open\/|\/click\//);
    expect((await eventsNow()).map((event) => messageIdOf(event))).not.toContain(messageId);
  });

  it('erases: nothing names the person any more, and the counts stay', async () => {
    const { to, messageId } = await sendTo('eva');
    await wish('grant', to).expect(204);
    await read(sample);
    await eventsOf(sample, messageId, 2);
    const mail = await newestMail(sample);
    await pageOfWith(to, ($) => $('[data-store=stats] li').length === 3);
    const series = async () => (await pageAt(sample, '/campaigns/eva'))('#series tr').last().text();
    const counted = await series();
    expect(counted).toMatch(/1000/);

    const { body } = await wish('erase', to).expect(200);
    const report = body as ErasureReport;
    expect(report.complete).toBe(true);
    expect(new Set(report.stores.map(({ store }) => store))).toEqual(
      new Set([
        ...['consents', 'stats', 'suppression', 'verdict windows'],
        ...['sent mails', 'event list'],
      ]),
    );
    expect(report.unreachable.join()).toMatch(/backups.*inbox/);

    const $ = await pageOf(to);
    expect($('#history').text()).toContain('they were not asked');
    expect($('#contents').text()).toContain('This app keeps no mail');
    // What has to stay: when.
    expect(storesOf($)).toEqual(['consents']);
    expect($('[data-store=consents]').text()).toContain('erased');
    for (const id of ['history', 'kept', 'contents']) expect($(`#${id}`).text()).not.toContain(to);
    expect(JSON.stringify(await eventsNow())).not.toContain(to);

    const dashboard = await pageAt(sample, '/dashboard');
    expect(dashboard('main').text()).not.toContain(to);
    const campaign = await pageAt(sample, '/campaigns/eva');
    expect(tilesOf(campaign).Mails).toBe('1 sent in this period');
    expect(await series()).toBe(counted);
    expect(campaign('#mails').text()).not.toContain(to);
    expect(campaign('main').text()).not.toContain(messageId.slice(1, -1));

    // The mail that they still have goes on to work, and names nobody.
    const earlier = await eventsNow();
    await sample.http.get(/\/click\/[\w=-]+/.exec(mail.html)![0]).expect(302);
    expect(await eventsSince(earlier, 1)).toMatchObject([{ mode: 'anonymous', recipient: null }]);
  });

  it('does not write to an erased person who had left, and shows that as one who is not named', async () => {
    const { to } = await sendTo('lea', { html: undefined, ...LETTER });
    const mail = await newestMail(sample);
    await sample.http.post(`/api/inbox/${mail.id}/unsubscribe`).expect(204);
    await wish('erase', to).expect(200);
    for (const [path, more] of Object.entries({ '/suppressed': ['–'], '/dashboard': [] })) {
      const page = await pageAt(sample, path);
      expect(page('main').text()).not.toContain(to);
      expect(rowOf(page, '#suppressed', 'an erased person')).toEqual([
        ...['The Roastery Letter', 'Unsubscribed', expect.any(String), ...more],
      ]);
    }
    expect(storesOf(await pageOf(to)).sort()).toEqual(['consents', 'suppression']);
    const again = { to, subject: 'Again', ...LETTER };
    await sample.http.post('/api/messages').send(again).expect(409);
  });

  it('does not list the recipient of a bounce of somebody who was erased', async () => {
    const { to, messageId } = await sendTo('ben');
    const report = () =>
      sample.http.post(`/api${pathOf(messageId)}/provider-events`).send({ report: 'bounced' });
    await wish('erase', to).expect(200);
    // Its sender has forgotten the mail.
    await report().expect(404);
    const body = [
      { email: to, event: 'bounce', type: 'bounce', timestamp: 1_700_000_000, sg_event_id: 'b1' },
    ];
    const credentials = Buffer.from(sample.settings.webhookAuth).toString('base64');
    const earlier = await eventsNow();
    await sample.http
      .post('/anymail/sendgrid/tracking')
      .set('Authorization', `Basic ${credentials}`)
      .send(body)
      .expect(200);
    expect(await eventsSince(earlier, 1)).toMatchObject([
      { eventType: 'bounced', mode: 'anonymous', recipient: null },
    ]);
    expect(JSON.stringify(await eventsNow())).not.toContain(to);
  });

  it('lists recipients of the latest mails, and asks for a whole address', async () => {
    const $ = await pageAt(sample, '/privacy');
    expect($('.people').text()).toContain('ann@example.com');
    expect($('.people').text()).not.toContain('eva@example.com');
    const wrong = await pageOf('ada');
    expect(wrong('#address').attr('aria-invalid')).toBe('true');
    expect(wrong('#address-problem').text()).toMatch(/whole address/);
    await pageAt(sample, '/privacy?address=a%00b', 400);
  });

  it.each([
    ['a mode that is none', '/api/messages', { to: 'a@b.example', subject: 'x', privacy: 'all' }],
    ['a mode that is null', '/api/messages', { to: 'a@b.example', subject: 'x', privacy: null }],
    ['a grant of no address', '/api/privacy/grant', { address: 'ada' }],
    ['an erasure of nobody', '/api/privacy/erase', {}],
    ['modes of a button', '/api/privacy/withdraw', { address: 'a@b.example', opens: 'off' }],
  ])('answers 400 to %s', async (_, path, body) => {
    await sample.http.post(path).send(body).expect(400);
  });

  it('lets no page of another origin erase', async () => {
    await wish('erase', 'ada@example.com').set('Origin', 'https://evil.example').expect(403);
  });
});

const LETTER = { template: 'newsletter', list: 'letter' };
const messageIdOf = (event: LoggedEvent): string | null =>
  event.eventType === 'seen' ? null : event.messageId;

describe('privacy while the database is away', () => {
  it('answers 503, and takes no wish', async () => {
    const sample = await startSample({
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    });
    const modes: PrivacyMode[] = ['identified', 'off'];
    for (const privacy of modes) await send(sample, { html: HTML, privacy });
    const $ = await pageAt(sample, '/privacy?address=ada@example.com', 503);
    expect($('h1').text()).toBe('The database does not answer');
    for (const wish of ['grant', 'withdraw', 'erase']) {
      const asked = sample.http.post(`/api/privacy/${wish}`).send({ address: 'ada@example.com' });
      await asked.expect(503);
    }
    await sample.close();
  });
});
