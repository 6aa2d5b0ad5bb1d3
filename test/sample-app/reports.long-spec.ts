import { EventPublisher, type TrackingEvent, type VerdictKind } from 'nestjs-email-tracking';
import { TrackingStatsService, type RecordedEvent } from 'nestjs-email-tracking/stats';
import { renderFirstLinks } from '../../sample-app/src/dashboard/links.view.js';
import { renderAllLinks } from '../../sample-app/src/reports/links.view.js';
import { load, type CheerioAPI } from 'cheerio';
import { eventOf, preparedOf, verdictOf } from '../stats/events.js';
import { BROWSER, pageAt, rowOf } from './numbers.js';
import { startSample, type Sample } from './start-sample.js';

const AT = new Date('2026-11-20T10:30:00Z');
const NOVEMBER = 'from=2026-11-01&to=2026-11-30';

let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
  await fill(sample);
});

afterAll(() => sample.close());

const total = ($: CheerioAPI): number =>
  Number(/(\d+) \w+$/.exec($('.pager span').text())?.[1] ?? 0);

const cells = ($: CheerioAPI, selector: string): string[] =>
  $(selector)
    .toArray()
    .map((cell) => $(cell).text().replace(/\s+/g, ' ').trim());

describe('a number leads to who is behind it', () => {
  it('in the bars of readers: to as many events', async () => {
    const $ = await pageAt(sample, `/campaigns/spring?${NOVEMBER}`);
    const links = $('.shares a').toArray();
    expect(links).toHaveLength(3);
    for (const link of links) {
      const behind = await pageAt(sample, $(link).attr('href')!);
      expect(total(behind)).toBe(Number($(link).text()));
    }
  });

  it('in the table of links: to the readers, and to clicks that name nobody', async () => {
    const $ = await pageAt(sample, `/campaigns/spring?${NOVEMBER}`);
    // readers, clicks by people, unknown, machines and proxies
    expect(rowOf($, '#links', 'offer')).toEqual(['2', '4', '0', '1']);
    const [byPeople] = $('#links tbody tr:contains("offer") a').toArray();
    const behind = await pageAt(sample, $(byPeople).attr('href')!);
    // The same place of the mail, although its address changed in between.
    expect(cells(behind, '#clickers tbody th')).toEqual(['bob@outlook.com', 'ada@gmail.com']);
    expect(rowOf(behind, '#clickers', 'ada').slice(0, 3)).toEqual(['2', '1', '2']);
    expect(behind('#clickers .hint').text()).toMatch(/^1 more click without a name/);
    const events = await pageAt(sample, behind('#clickers tbody td a').first().attr('href')!);
    expect(cells(events, '#events tbody th')).toEqual(['A person clicked “offer”']);
  });

  it('in the chart: to the events of the day', async () => {
    const $ = await pageAt(sample, `/dashboard?${NOVEMBER}`);
    const [day] = $('#series a').toArray();
    expect($(day).attr('href')).toContain('from=2026-11-20&to=2026-11-20');
    expect(total(await pageAt(sample, $(day).attr('href')!))).toBe(Number($(day).text()));
  });

  it('in the chart: to the days of the first week that are in the period', async () => {
    const $ = await pageAt(sample, '/dashboard?from=2026-11-20&to=2027-04-30');
    expect($('#series').attr('data-step')).toBe('week');
    expect($('#series a').attr('href')).toContain('from=2026-11-20&to=2026-11-22');
  });
});

describe('the filters of a page are in its address', () => {
  it.each([
    ['/events?type=clicked', 39],
    ['/events?type=clicked&type=opened&by=people', 39],
    ['/events?type=clicked&by=machines', 1],
    ['/events?verdict=scanner', 1],
    ['/events?recipient=ADA@Gmail.com', 3],
    ['/events?domain=outlook.com&campaign=spring', 4],
    ['/events?campaign=spring&from=2026-11-21&to=2026-11-21', 0],
    ['/events?campaign=&type=', 42],
    ['/bounces?type=bounced&domain=outlook.com', 1],
    ['/bounces?campaign=spring', 2],
  ])('%s selects %p', async (path, count) => {
    const $ = await pageAt(sample, path);
    expect(total($)).toBe(count);
  });

  it('and fill in its form, which keeps the period', async () => {
    const $ = await pageAt(sample, `/events?type=clicked&by=people&by=unknown&tag=a&${NOVEMBER}`);
    expect($('select[name=type] [selected]').attr('value')).toBe('clicked');
    expect($('.filters input:checked')).toHaveLength(2);
    const hidden = $('.filters input[type=hidden]').toArray();
    expect(hidden.map((field) => $(field).attr('name'))).toEqual(['from', 'to', 'tag']);
    expect($('.periods a').first().attr('href')).toContain('type=clicked&by=people&by=unknown');
  });

  it('and fill in its form, where they name several of what it offers one of', async () => {
    const $ = await pageAt(sample, '/events?type=clicked&type=opened');
    const boxes = $('.filters input[name=type]:checked').toArray();
    expect(boxes.map((box) => $(box).attr('value'))).toEqual(['opened', 'clicked']);
  });

  it('and not in what browsers remember of its form, when one goes back', async () => {
    const $ = await pageAt(sample, '/events?type=clicked');
    expect($('.filters').attr('autocomplete')).toBe('off');
  });

  it.each([
    '/events?kind=clicked',
    '/events?type=click',
    '/events?by=people&by=nobody',
    '/events?order=up',
    '/bounces?type=opened',
    '/bounces?recipient=a',
    '/clickers?index=-1&campaign=a',
    '/domains?domain=a',
    '/domains?sort=x',
    '/links?campaign=a&mail=b',
    '/links',
    '/compare?metric=x',
    '/compare?campaign=a&campaign=b&campaign=c&campaign=d&campaign=e&campaign=f',
    '/segments?never=read',
    '/segments?lastOpen=2026-01-01',
    '/segments?list=nothing',
    '/segments?openedFrom=2026-11-30&openedTo=2026-11-01',
    '/export/segment?clickedFrom=2026-11-30&clickedTo=2026-11-01',
    '/recipients/ada%40gmail.com?x=1',
    '/messages/a?x=1',
    '/suppressed?x=1',
    '/privacy?x=1',
  ])('and nothing else may be: %s is answered with 400', async (path) => {
    await sample.http.get(path).expect(400);
  });
});

describe('the pages of reports', () => {
  it('give the reasons of bounces, and the words of the provider', async () => {
    const $ = await pageAt(sample, '/bounces');
    expect(rowOf($, '#reasons', 'Permanent: the mailbox')).toEqual(['Bounced', '1', '1']);
    expect(rowOf($, '#bounces', 'bob@outlook.com')).toEqual(
      expect.arrayContaining(['550 5.1.1 <b>No</b> such user SendGrid']),
    );
    expect($('#bounces b')).toHaveLength(0);
  });

  it('lead from each reason to its reports', async () => {
    const $ = await pageAt(sample, '/bounces');
    const rows = $('#reasons tbody tr').toArray();
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      const link = $(row).find('a').last();
      expect(total(await pageAt(sample, link.attr('href')!))).toBe(Number(link.text()));
    }
  });

  it('lead from a reader of one mail to the clicks in that mail', async () => {
    const good = await pageAt(sample, '/clickers?mail=good-reader0');
    const [, clicks] = good('#clickers tbody a').toArray();
    expect(total(await pageAt(sample, good(clicks).attr('href')!))).toBe(1);
  });

  it('say how many pages there are where an address names one after the last', async () => {
    const $ = await pageAt(sample, '/events?type=clicked&page=9');
    expect($('.pager span').text()).toBe('39 events, on 2 pages');
    expect($('.pager a').attr('href')).toBe('/events?type=clicked&page=2');
  });

  it('sort domains, and name those that no address tells', async () => {
    const $ = await pageAt(sample, `/domains?${NOVEMBER}&sort=domain`);
    const names = ['nobody named', 'example.com', 'gmail.com', 'outlook.com'];
    expect(cells($, '#domains tbody th')).toEqual(names);
    expect($('#domains [aria-sort=ascending]').text()).toBe('Domain');
    expect(rowOf($, '#domains', 'outlook.com').slice(0, 3)).toEqual(['2', '0', '1']);
    expect(rowOf($, '#domains', 'nobody named').slice(0, 3)).toEqual(['1', '0', '0']);
  });

  it('compare campaigns, or say why it cannot be told', async () => {
    const few = await pageAt(sample, '/compare?campaign=spring&campaign=autumn');
    expect(few('#outcome-title').text()).toBe('Cannot tell');
    expect(few('.outcome').text()).toContain('no larger than chance');
    const empty = await pageAt(sample, '/compare?campaign=spring&campaign=nothing');
    expect(empty('.outcome').text()).toContain('has no mails');
    const even = await pageAt(sample, '/compare?campaign=good&campaign=bad&split=even');
    expect(even('#outcome-title').text()).toBe('“good” wins');
    expect(rowOf(even, '#comparison', 'good').slice(0, 3)).toEqual(['40', '30', '75%']);
    // The outcome is kept up to date, too.
    expect(even('#comparison #outcome-title, #pairs[data-live] table')).toHaveLength(2);
    const one = await pageAt(sample, '/compare?campaign=spring');
    expect(one('#outcome-title')).toHaveLength(0);
  });

  it('list a segment by what people did', async () => {
    const path = '/segments?campaign=spring&never=clicked';
    // Who complained is suppressed.
    expect(cells(await pageAt(sample, path), '#segment tbody th')).toEqual([]);
    const $ = await pageAt(sample, `${path}&suppressed=yes`);
    expect(cells($, '#segment tbody th')).toEqual(['cem@outlook.com']);
    expect($('.page-head .hint').text()).toMatch(/Suppressed recipients are among them\.$/);
    const offers = await pageAt(sample, '/segments?list=offers');
    expect(offers('.page-head .hint').text()).toContain('must not get “Offers” are left out');
    const late = await pageAt(sample, '/segments?campaign=spring&clickedFrom=2026-11-21');
    expect(late('#segment .empty').text()).toBe('Nobody.');
  });

  it('show when people read, by weekdays and hours', async () => {
    const $ = await pageAt(sample, `/campaigns/spring?${NOVEMBER}`);
    const busiest = $('.heat .heat-5').toArray();
    expect(busiest.map((cell) => $(cell).attr('title'))).toEqual(['Friday, 10:00 to 11:00: 5']);
    expect($('.heat caption').text()).toContain('The busiest hour is Friday from 10:00');
  });

  it('page through 10 000 links', () => {
    const people = { total: 1, unique: 1 };
    const links = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ index, part: 'html', label: null, url: `https://example.com/${index}` },
      ...{ people, unknown: 0, machines: index },
    }));
    const first = load(renderFirstLinks(links, { campaign: 'many' }));
    expect(first('tbody tr')).toHaveLength(20);
    expect(first('.more a').text()).toBe('All 10,000 links');
    const all = load(
      renderAllLinks({
        ...{ links, mails: { campaign: 'many' }, page: 2 },
        ...{ sort: 'machines', isDescending: true },
      }),
    );
    expect(all('tbody tr')).toHaveLength(50);
    expect(all('tbody td').last().text()).toBe('9,900');
    expect(all('.pager span').text()).toBe('51 to 100 of 10,000 links or more');
  });
});

describe('an export', () => {
  const lines = async (path: string) => {
    const { text } = await sample.http.get(path).expect(200);
    return text.trim().split(/\r?\n/);
  };

  it('has what the page shows, and no address unless one asks for them', async () => {
    const path = '/export/events?type=clicked&campaign=spring&format=csv';
    const { headers, text } = await sample.http.get(path).expect(200);
    expect(headers['content-type']).toContain('text/csv');
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="events-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(text.trim().split('\n')).toHaveLength(6);
    expect(text).not.toContain('@');
    expect(await lines(`${path}&addresses=yes`)).toEqual(
      expect.arrayContaining([expect.stringContaining('ada@gmail.com')]),
    );
    const json = await lines('/export/bounces?format=ndjson&addresses=yes');
    expect(json.map((line) => (JSON.parse(line) as RecordedEvent).recipient).sort()).toEqual([
      ...['bob@outlook.com', 'cem@outlook.com'],
    ]);
  });

  it('is there for each list, by a button that keeps the filters of the page', async () => {
    const pages = [
      `/dashboard?${NOVEMBER}`,
      `/campaigns/spring?${NOVEMBER}`,
      '/events?type=clicked&by=people&by=machines',
      '/clickers?campaign=spring&by=people',
      ...['/links?campaign=spring', '/bounces', '/domains', '/segments?campaign=spring'],
    ];
    const exported = new Set<string>();
    for (const page of pages) {
      const $ = await pageAt(sample, page);
      for (const form of $('form.export').toArray()) {
        const fields = $(form).find('input[type=hidden]').toArray();
        const query = fields.map((field): [string, string] => [
          ...([$(field).attr('name')!, $(field).attr('value')!] as const),
        ]);
        const path = $(form).attr('action')!;
        const rows = await lines(`${path}?${new URLSearchParams(query).toString()}&format=csv`);
        expect(rows.length).toBeGreaterThan(1);
        exported.add(path.replace('/export/', ''));
      }
    }
    expect([...exported].sort()).toEqual(
      'bounces campaigns clickers domains events hours links mails segment series'.split(' '),
    );
  });

  it.each([
    ['/export/nothing', 404],
    ['/export/constructor', 404],
    ['/export/events?format=xls', 400],
    ['/export/events?addresses=no', 400],
    ['/export/events?page=2', 400],
    ['/export/events?kind=clicked', 400],
    ['/export/clickers', 400],
    ['/export/mails', 400],
  ])('%s is answered with %p', async (path, status) => {
    await sample.http.get(path).expect(status).expect('Content-Type', /html/);
  });
});

/** A campaign of four mails, one of which only counts; and two that differ. */
// The last one, because it adds to what all others count.
describe('a number of mails that were sent in a period', () => {
  it('leads to what happened to these mails, whenever that was', async () => {
    const day = 'from=2025-01-10&to=2025-01-10';
    const mail = {
      ...{ messageId: 'old@example.com', recipient: 'old@example.com' },
      metadata: { campaign: 'late' },
    };
    const publisher = sample.app.get(EventPublisher, { strict: false });
    publisher.prepared(preparedOf({ ...mail, timestamp: new Date('2025-01-10T12:00:00Z') }));
    void publisher.publish(eventOf({ ...mail, timestamp: new Date('2025-03-10T12:00:00Z') }));
    await sample.app.get(TrackingStatsService, { strict: false }).flush();
    const $ = await pageAt(sample, `/dashboard?${day}`);
    const links = $('.tiles a').toArray();
    // opened and clicked
    expect(links.map((link) => $(link).text())).toEqual(['1', '1']);
    for (const link of links) expect(total(await pageAt(sample, $(link).attr('href')!))).toBe(1);
    expect(total(await pageAt(sample, `/events?campaign=late&${day}`))).toBe(0);
  });
});

async function fill({ app }: Sample): Promise<void> {
  const publisher = app.get(EventPublisher, { strict: false });
  const publish = (event: Partial<TrackingEvent>) => void publisher.publish(eventOf(event));
  const idOf = (campaign: string, recipient: string) => `${campaign}-${recipient.split('@')[0]}`;
  const prepare = (campaign: string, recipient: string) =>
    publisher.prepared(
      preparedOf({
        ...{ messageId: idOf(campaign, recipient), recipient, metadata: { campaign } },
        timestamp: AT,
      }),
    );
  const hit = (campaign: string, recipient: string, kind: VerdictKind, more = {}) =>
    publish({
      ...{ messageId: idOf(campaign, recipient), recipient, metadata: { campaign } },
      ...{ timestamp: AT, verdict: verdictOf(kind), userAgent: BROWSER['user-agent'], ...more },
    });
  const click = { eventType: 'clicked', linkIndex: 0, linkLabel: 'offer', part: 'html' } as const;
  for (const recipient of ['ada@gmail.com', 'bob@outlook.com', 'cem@outlook.com']) {
    prepare('spring', recipient);
  }
  publisher.prepared(
    preparedOf({
      ...{ mode: 'anonymous', recipient: null, messageId: null },
      ...{ metadata: { campaign: 'spring' }, timestamp: AT },
    }),
  );
  hit('spring', 'ada@gmail.com', 'human', { eventType: 'opened' });
  hit('spring', 'ada@gmail.com', 'human', { ...click, clickUrl: 'https://a.example/old' });
  hit('spring', 'ada@gmail.com', 'human', { ...click, clickUrl: 'https://a.example/new' });
  hit('spring', 'bob@outlook.com', 'human', {
    ...{ ...click, clickUrl: 'https://a.example/new' },
    timestamp: new Date(AT.getTime() + 1000),
  });
  hit('spring', 'cem@outlook.com', 'scanner', { ...click, clickUrl: 'https://a.example/new' });
  publish({
    ...{ ...click, mode: 'anonymous', recipient: null, messageId: null, timestamp: AT },
    ...{ metadata: { campaign: 'spring' }, verdict: verdictOf('human') },
    clickUrl: 'https://a.example/new',
  });
  const report = { source: 'esp', espName: 'SendGrid', verdict: null } as const;
  hit('spring', 'bob@outlook.com', 'human', {
    ...{ ...report, eventType: 'bounced', permanent: true, rejectReason: 'bounced' },
    mtaResponse: '550 5.1.1 <b>No</b> such user',
  });
  hit('spring', 'cem@outlook.com', 'human', { ...report, eventType: 'complained' });
  prepare('autumn', 'ada@gmail.com');
  for (let reader = 0; reader < 40; reader++) {
    for (const campaign of ['good', 'bad']) {
      prepare(campaign, `reader${reader}@example.com`);
      if (campaign === 'bad' ? reader < 4 : reader < 30)
        hit(campaign, `reader${reader}@example.com`, 'human', {
          ...click,
          clickUrl: 'https://b.example',
        });
    }
  }
  await app.get(TrackingStatsService, { strict: false }).flush();
}
