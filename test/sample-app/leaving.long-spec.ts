import { pageAt, pageWith, rowOf, tilesOf } from './numbers.js';
import { newestMail, send, startSample, type Sample } from './start-sample.js';

const LETTER = { template: 'newsletter', list: 'letter' };
const AWAY = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };

describe('leaving a list of the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  const sendLetter = async (to: string, campaign = 'letter') => {
    await send(sample, { ...LETTER, to, metadata: { campaign } });
    return newestMail(sample);
  };
  const pathIn = (text: string) => /\/unsubscribe\/[\w-]+/.exec(text)![0];
  const press = (mail: { id: string }) => sample.http.post(`/api/inbox/${mail.id}/unsubscribe`);
  const lift = (body: object) => sample.http.post('/api/suppressed/lift').send(body);

  it('signs both headers, and links to the page from both parts', async () => {
    const { headers, html, text } = await sendLetter('ann@example.com');
    const start = `${sample.settings.publicUrl}/unsubscribe/`;
    expect(headers).toMatchObject({
      'list-unsubscribe': expect.stringMatching(new RegExp(`^<${start}[\\w-]+>$`)),
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
      'list-id': '<letter.fernhill.example>',
      'dkim-signature': expect.stringMatching(/ h=\S*:list-unsubscribe:list-unsubscribe-post;/),
    });
    for (const part of [html, text!]) {
      expect(part).toContain(start);
      expect(part).not.toMatch(/data-unsubscribe|site\/unsubscribe|\{\{/);
    }
    // The button of the page hides where it is, as Chromium tells by this.
    const page = sample.http.post(pathIn(text!)).set('Origin', 'null').type('form');
    await page.send('List-Unsubscribe=Page').expect(200);
  });

  it('has no way to leave in a receipt', async () => {
    await send(sample, { template: 'receipt' });
    const { headers, id } = await newestMail(sample);
    expect(Object.keys(headers).filter((name) => name.startsWith('list-'))).toEqual([]);
    await press({ id }).expect(400);
    await sample.http.post('/api/inbox/999/unsubscribe').expect(404);
  });

  it('unsubscribes by the button of the inbox, and only from that list', async () => {
    const to = 'bob@example.com';
    const mail = await sendLetter(to, 'by button');
    await sample.http.get(pathIn(mail.html)).expect(200);
    expect((await pageAt(sample, '/suppressed'))('#suppressed').text()).not.toContain('bob@');
    await press(mail).expect(204);

    const refused = await sample.http
      .post('/api/messages')
      .send({ ...LETTER, to, subject: 'Again' });
    expect(refused.status).toBe(409);
    expect(refused.body.message).toEqual([
      expect.stringMatching(/^to: .* is suppressed: Unsubscribed \(The Roastery Letter\)\./),
    ]);
    await send(sample, { template: 'receipt', to });
    await send(sample, { ...LETTER, list: 'offers', to });

    for (const path of ['/dashboard', '/suppressed']) {
      const row = rowOf(await pageAt(sample, path), '#suppressed', to);
      expect(row.slice(0, 2)).toEqual(['The Roastery Letter', 'Unsubscribed']);
      expect(row[2]).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d$/);
    }
    const $ = await pageWith(sample, '/campaigns/by%20button', (found) =>
      tilesOf(found).Unsubscribed!.startsWith('1'),
    );
    expect(tilesOf($).Unsubscribed).toBe('1 of 1 mail; in this period 1 by link, 0 by provider');
    expect(rowOf($, '#mails', to).at(-1)).toBe('Unsubscribed');
    const { body: events } = await sample.http.get('/api/events').expect(200);
    expect(events[0]).toMatchObject({
      eventType: 'unsubscribed',
      via: 'one-click',
      words: {
        headline: 'Unsubscribed from The Roastery Letter, with the button of the mail program',
        who: null,
      },
    });
  });

  it('writes again to whom somebody lifts, and keeps the reason', async () => {
    const to = "c'd+x@example.com";
    await press(await sendLetter(to)).expect(204);
    const $ = await pageAt(sample, `/suppressed?search=${encodeURIComponent("C'D+")}`);
    const { address, scope } = $('[data-lift]').data() as { address: string; scope: string };
    expect({ address, scope }).toEqual({ address: to, scope: 'list:letter' });
    await lift({ address, scope, why: ' ' }).expect(400);
    await lift({ address, scope: 'list:offers', why: 'another list' }).expect(204);
    await sample.http
      .post('/api/messages')
      .send({ ...LETTER, to, subject: 'Again' })
      .expect(409);
    await lift({ address, scope, why: 'subscribed again' }).expect(204);
    await sendLetter(to);
    expect((await pageAt(sample, '/suppressed'))('#suppressed').text()).not.toContain(to);
  });

  it('counts what a provider reports, and marks machines', async () => {
    const [one, other] = [
      await sendLetter('dan@example.com', 'ways'),
      await sendLetter('eve@example.com', 'ways'),
    ];
    const id = encodeURIComponent(one.messageId!.replace(/^<|>$/g, ''));
    const report = sample.http.post(`/api/messages/${id}/provider-events`);
    await report.send({ report: 'unsubscribed' }).expect(201);
    const agent = 'Proofpoint-URLDefense/1.0 (+https://www.proofpoint.com)';
    await sample.http.post(pathIn(other.html)).set('User-Agent', agent).expect(200);
    const $ = await pageWith(sample, '/dashboard', (found) =>
      (rowOf(found, '#campaigns', 'ways')[6] ?? '').startsWith('2'),
    );
    expect(rowOf($, '#campaigns', 'ways')[6]).toBe('2 1 by machines');
    expect(tilesOf(await pageAt(sample, '/campaigns/ways')).Unsubscribed).toBe(
      '2 of 2 mails; in this period 1 by link (1 by machines), 1 by provider',
    );
    expect($('#activity').text()).toMatch(/machine unsubscribed from The Roastery Letter/);
    expect(rowOf($, '#suppressed', 'dan@')).toEqual([
      ...['All lists', 'Unsubscribed reported by SendGrid'],
      expect.any(String),
    ]);
  });

  it.each([
    ['a list that is not known', '/api/messages', { ...LETTER, to: 'a@b.example', list: 'x' }],
    ['a list from Object', '/api/messages', { ...LETTER, to: 'a@b.example', list: 'toString' }],
    ['a scope that is none', '/api/suppressed/lift', { address: 'a', scope: 'x', why: 'y' }],
    ['no address', '/api/suppressed/lift', { address: '', scope: 'all', why: 'y' }],
    ['no reason', '/api/suppressed/lift', { address: 'a@b.example', scope: 'all' }],
  ])('answers 400 to %s', async (_, path, body) => {
    await sample.http
      .post(path)
      .send({ ...(path.endsWith('messages') && { subject: 'Hi' }), ...body })
      .expect(400);
  });

  it('lets no page of another origin lift or unsubscribe', async () => {
    const body = { address: 'bob@example.com', scope: 'list:letter', why: 'x' };
    await lift(body).set('Origin', 'https://evil.example').expect(403);
    await press({ id: '1' }).set('Origin', 'null').expect(403);
  });
});

describe('leaving while the database is away', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample(AWAY);
  });

  afterAll(() => sample.close());

  it('sends receipts and no letters, and says why', async () => {
    await send(sample, { template: 'receipt' });
    const letter = await sample.http
      .post('/api/messages')
      .send({ ...LETTER, to: 'ann@example.com', subject: 'Hi' });
    expect(letter.status).toBe(503);
    expect(letter.body.message).toEqual([expect.stringMatching(/^The database does not answer/)]);
    await sample.http
      .get('/suppressed')
      .expect(503)
      .expect(/does not answer/);
    await sample.http
      .post('/api/suppressed/lift')
      .send({ address: 'ann@example.com', scope: 'all', why: 'x' })
      .expect(503);
  });
});

test('offers no list where mail programs could not unsubscribe', async () => {
  const sample = await startSample({ PUBLIC_URL: 'http://mail.example.com' });
  expect((await pageAt(sample, '/'))('#list')).toHaveLength(0);
  const letter = { ...LETTER, to: 'ann@example.com', subject: 'Hi' };
  const { body } = await sample.http.post('/api/messages').send(letter).expect(400);
  expect(body.message).toEqual([expect.stringMatching(/^list needs a PUBLIC_URL .*https/)]);
  await sample.close();
});
