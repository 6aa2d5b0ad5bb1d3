import { load, type CheerioAPI } from 'cheerio';
import { pageAt, pageWith, pathOf, read, rowOf, tilesOf } from './numbers.js';
import { eventsNow, newestMail, send, startSample, type Sample } from './start-sample.js';

const HTML = `<!doctype html><html><body>
<p><a href="https://example.com/offer?a=1&amp;b=2" data-track-label="offer">The offer</a>
<a href="https://example.com/more">More</a> <a href="https://example.com/help">Help</a>
<a href="https://example.com/shop">Shop</a> <a href="https://example.com/about">About</a>
<a href="mailto:team@example.com">Write</a></p>
<img src="https://pictures.example/cat.png" alt="A cat"></body></html>`;

let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
});

afterAll(() => sample.close());

describe('the pages with numbers', () => {
  const sendOne = (campaign: string) =>
    send(sample, { html: HTML, subject: 'Spring', metadata: { campaign } });
  const campaignPath = (campaign: string) => `/campaigns/${encodeURIComponent(campaign)}`;

  it('say what to do first where nothing has happened', async () => {
    const $ = await pageAt(sample, '/dashboard');
    expect($('#empty h2').text()).toBe('Nothing has happened yet');
    expect($('#empty a').attr('href')).toBe('/#compose');
    expect($('#series tr')).toHaveLength(30);
  });

  it('run no script but their own files, and name nothing outside this machine', async () => {
    const { messageId } = await sendOne('scripts');
    for (const path of ['/dashboard', campaignPath('scripts'), pathOf(messageId)]) {
      await pageWith(sample, path, ($) => $('#links, #campaigns').text().length > 0);
      const { text, headers } = await sample.http.get(path).expect(200);
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
      expect(headers['content-security-policy']).toContain("style-src 'self'");
      expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|https?:\/\//);
      const files = [...text.matchAll(/(?:src|href)="(\/(?:assets|vendor)\/[^"]+)"/g)];
      expect(files.length).toBeGreaterThan(3);
      for (const [, file] of files) await sample.http.get(file!).expect(200);
    }
    await sample.http
      .get('/vendor/uplot/uPlot.esm.js')
      .expect(200)
      .expect('Content-Type', /javascript/);
    await sample.http.get('/vendor/uplot/../package.json').expect(404);
  });

  it('keep people and machines apart', async () => {
    const name = 'spring & <b>more</b>';
    const { messageId } = await sendOne(name);
    await sendOne(name);
    await read(sample);
    await sample.http
      .post(`/api${pathOf(messageId)}/visits`)
      .send({ machine: 'named' })
      .expect(201, { opens: 0, clicks: 5 });

    const row = await pageWith(
      sample,
      '/dashboard',
      ($) => rowOf($, '#campaigns', 'spring')[4] === '5',
    ).then(($) => rowOf($, '#campaigns', 'spring'));
    // mails, opened, clicked, proxies, machines, bounces
    expect(row.slice(0, 6)).toEqual(['2', '1 50%', '1 50%', '0', '5', '0']);

    const $ = await pageAt(sample, campaignPath(name));
    expect($('h1').text()).toBe(name);
    expect(tilesOf($)).toEqual({
      Mails: '2 sent in this period',
      'Opened by people': '50% 1 of 2 mails',
      'Clicked by people': '50% 1 of 2 mails',
      Bounced: '0 of 2 mails; 0 marked as spam',
      Unsubscribed: '0 of 2 mails',
    });
    expect($('.shares').last().text()).toBe(
      'People 1 16.7%Unknown 0 0%Privacy proxies 0 0%Machines 5 83.3%',
    );
    expect(rowOf($, '#links', 'offer')).toEqual(['1', '1', '0', '1']);
    expect(rowOf($, '#links', 'example.com/more')).toEqual(['0', '0', '0', '1']);
    const today = $('#series tr').last().find('td').toArray();
    // opens by people, unknown, proxies, machines; clicks by the same
    expect(today.map((cell) => $(cell).attr('data-n'))).toEqual('1 0 0 0 1 0 0 5'.split(' '));
    expect($('#mails tbody tr')).toHaveLength(2);
  });

  it('lay the clicks over the mail, which leads nowhere and fetches nothing', async () => {
    const { messageId } = await sendOne('overlay');
    await read(sample);
    const path = `${pathOf(messageId)}/mail`;
    const $ = await pageWith(sample, path, (found) => found('[data-clicks="1"]').length === 1);
    expect($('[data-clicks="1"]').parent().text()).toMatch(/^The offer/);
    expect($('[data-clicks="0"]')).toHaveLength(4);
    expect(
      $('img')
        .toArray()
        .map((image) => $(image).attr('alt')),
    ).toEqual(['A cat']);

    const { text, headers } = await sample.http.get(path);
    expect(text).not.toMatch(/href=|src=|\/open\/|\/click\//);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*; sandbox$/);
    expect(await eventsNow(sample, messageId)).toHaveLength(2);
    const query = `mail?mail=${encodeURIComponent(messageId.slice(1, -1))}`;
    await pageAt(sample, `${campaignPath('overlay')}/${query}`);
    await pageAt(sample, `/campaigns/other/${query}`, 404);
  });

  it('show the timeline of a mail, its corrections, and reasons in words', async () => {
    const { messageId } = await sendOne('timeline');
    const path = pathOf(messageId);
    await sample.http.post(`/api${path}/visits`).send({ machine: 'gateway' }).expect(201);
    const $ = await pageWith(sample, path, (found) => found('.corrected').length >= 2);
    const [first] = $('[data-type=clicked]').toArray();
    expect($('#story-title').text()).toBe('Timeline');
    expect($(first).find('.event-line b').text()).toMatch(
      /^(?:\w+ly a|A) machine followed “offer”$/,
    );
    expect($(first).find('.who').text()).toMatch(/ly a machine$/);
    expect($(first).find('.reasons').text()).toContain('Every tracked link');
    expect($(first).find('.corrected').text()).toMatch(/First verdict: .* a person/);
  });

  it.each([
    ['delivered', /Delivered, reported by SendGrid/],
    ['bounced', /Bounced, reported by SendGrid.*Permanent bounce.*550 5\.1\.1/],
    ['complained', /Marked as spam, reported by SendGrid/],
    ['unsubscribed', /Unsubscribed, reported by SendGrid/],
  ])('show what a provider reports: %s', async (report, words) => {
    // Who bounces gets no more mails.
    const to = `${report}@example.com`;
    const { messageId } = await send(sample, { to, html: HTML, metadata: { campaign: 'reports' } });
    const path = pathOf(messageId);
    await sample.http.post(`/api${path}/provider-events`).send({ report }).expect(201, { report });
    const $ = await pageWith(sample, path, (found) => found(`[data-type=${report}]`).length === 1);
    expect($('#story').text().replace(/\s+/g, ' ')).toMatch(words);
    expect($.html()).not.toContain(sample.settings.webhookAuth.split(':')[1]);
  });

  it('refuse a provider without the credential of the run', async () => {
    const body = [{ event: 'bounce', email: 'ada@example.com', 'smtp-id': '<a@b>' }];
    await sample.http.post('/anymail/sendgrid/tracking').send(body).expect(401);
    await sample.http.post('/anymail/sendgrid/tracking').auth('demo', 'x').send(body).expect(403);
  });

  it('visit nothing but the app itself', async () => {
    const { messageId } = await send(sample, { html: '<p>No link</p>' });
    const { html } = await newestMail(sample);
    expect(html).toContain('/open/');
    await sample.http
      .post(`/api${pathOf(messageId)}/visits`)
      .send({ machine: 'privacy' })
      .expect(201, { opens: 1, clicks: 0 });
  });

  it('page and search through campaigns', async () => {
    for (let i = 10; i < 22; i++) await sendOne(`campaign ${i}`);
    const $ = await pageWith(sample, '/dashboard', (found) => found('.pager a').length === 1);
    expect($('#campaigns tbody tr')).toHaveLength(8);
    expect($('.pager span').text()).toMatch(/^1 to 8 of \d+ campaigns$/);
    expect($('label[for=search]').text()).toBe('Search campaigns');
    expect($('.pager a').text()).toBe('Next');
    expect($('#campaigns [aria-sort]').text()).toBe('Last activity');
    const byName = $('#campaigns thead a').first().attr('href');
    expect(byName).toContain('sort=campaign&order=up');
    const sorted = await pageAt(sample, `${byName}&search=campaign`);
    expect(sorted('#campaigns tbody th').first().text()).toBe('campaign 10');
    const second = await pageWith(
      sample,
      '/dashboard?days=30&page=2&search=CAMPaign',
      (found) => found('#campaigns tbody tr').length === 4,
    );
    expect(second('.pager a').text()).toBe('Previous');
    const found = await pageAt(sample, '/dashboard?search=AIGN 11');
    expect(found('#campaigns tbody th').text()).toBe('campaign 11');
    expect((await pageAt(sample, '/dashboard?search=%25'))('#campaigns .empty').text()).toContain(
      '%',
    );
  });
});

describe('a search for a recipient', () => {
  it('is on each page, finds addresses by their start, and goes to a whole one', async () => {
    await send(sample, { to: 'Grete@Example.com', html: HTML, metadata: { campaign: 'search' } });
    for (const path of ['/', '/dashboard', '/suppressed', '/privacy', '/messages/unknown']) {
      const $ = load((await sample.http.get(path)).text);
      expect($('form.find').attr('action')).toBe('/recipients');
      expect($('a.skip').attr('href')).toBe('#main');
      expect($('#main')).toHaveLength(1);
    }
    // The mail is stored a moment after it is sent.
    const isListed = ($: CheerioAPI) =>
      $('#recipients a').attr('href') === '/recipients/grete%40example.com';
    await pageWith(sample, '/recipients?search=GRE', isListed);
    const path = '/recipients/grete%40example.com';
    await pageWith(sample, path, ($) => $('#mails tbody tr').length === 1);
    await sample.http
      .get('/recipients?search=%20GRETE@example.COM')
      .expect(303)
      .expect('Location', path);
    expect((await pageAt(sample, '/recipients/GRETE@example.com'))('h1').text()).toBe(
      'grete@example.com',
    );
    await pageAt(sample, '/recipients/nobody@example.com', 404);
    const none = await pageAt(sample, '/recipients?search=nobody@example.com');
    expect(none('.empty').text()).toContain('nobody@example.com');
  });
});

describe('what cannot be', () => {
  it.each([
    '/dashboard?from=2026-02-30',
    '/dashboard?from=2026-11-01&to=2026-10-01',
    '/dashboard?from=2026-11-01&days=7',
    '/recipients?recipient=a',
    '/dashboard?days=5',
    '/dashboard?page=0',
    '/dashboard?page=1&page=2',
    '/dashboard?search=%00',
    '/dashboard?other=1',
    `/campaigns/a%00b`,
    `/campaigns/${'x'.repeat(401)}`,
    '/messages/a%0Ab',
    '/campaigns/a?mail=%00',
  ])('is answered with 400: %s', async (path) => {
    const $ = await pageAt(sample, path, 400);
    expect($('main li').length).toBeGreaterThan(0);
  });

  it('is answered with 404, and its name is not believed, where nothing is known of it', async () => {
    for (const path of ['/campaigns/<script>', '/messages/<script>', '/messages/x/mail']) {
      const $ = await pageAt(sample, encodeURI(path), 404);
      expect($('main script')).toHaveLength(0);
    }
    const visits = sample.http.post('/api/messages/nobody/visits');
    await visits.send({ machine: 'gateway' }).expect(404);
  });

  it.each([
    ['visits', {}],
    ['visits', { machine: 'constructor' }],
    ['visits', { machine: ['gateway'] }],
    ['visits', { machine: 'gateway', url: 'https://example.com' }],
    ['provider-events', { report: 'opened' }],
    ['provider-events', { report: 'bounced', recipient: 'bob@example.com' }],
  ])('is not played: %s with %o', async (what, body) => {
    const { messageId } = await send(sample, { html: HTML });
    await sample.http
      .post(`/api${pathOf(messageId)}/${what}`)
      .send(body)
      .expect(400);
    const foreign = sample.http.post(`/api${pathOf(messageId)}/${what}`);
    await foreign.set('Origin', 'https://evil.example').send(body).expect(403);
    expect(await eventsNow(sample, messageId)).toEqual([]);
  });
});
