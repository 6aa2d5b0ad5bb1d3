import type { BadRequestException } from '@nestjs/common';
import { load } from 'cheerio';
import type { TrackingEvent, Verdict, VerdictKind } from 'nestjs-email-tracking';
import type { CampaignTotals, RecordedEvent, StatsTotals } from 'nestjs-email-tracking/stats';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderActivity } from '../../sample-app/src/dashboard/activity.view.js';
import { renderChart } from '../../sample-app/src/dashboard/chart.view.js';
import { renderDashboard } from '../../sample-app/src/dashboard/dashboard.view.js';
import { percent } from '../../sample-app/src/dashboard/format.js';
import { periodOf, type PeriodNames } from '../../sample-app/src/dashboard/period.js';
import { renderReaders } from '../../sample-app/src/dashboard/readers.view.js';
import { renderTiles } from '../../sample-app/src/dashboard/tiles.view.js';
import { READERS, headlineOf, whoOf } from '../../sample-app/src/words.js';
import { toTotals } from '../../lib/stats/stats-numbers.js';
import { eventOf } from '../stats/events.js';
import { rowOf, tilesOf } from './numbers.js';

const totals = (row: Record<string, number>): StatsTotals => toTotals(row);
const THOUSAND = { prepared: 1000, recipients: 1000, of_pixel: 1000 };
const verdict = (kind: VerdictKind, certainty: Verdict['certainty'] = 'probable'): Verdict => ({
  ...{ kind, certainty, reasons: ['TEST'], rules: '2026-11-20' },
});

describe('the summary of a period', () => {
  const tiles = (row: Record<string, number>) => tilesOf(load(renderTiles(totals(row), {})));

  it('counts opens and clicks over the mails that its rates are made of', () => {
    // Sent in the period: 1000. Opened in it, of mails of any time: 3.
    const row = { ...THOUSAND, of_pixel_opened: 547, uniq_opens_0: 3 };
    expect(tiles({ ...row, of_pixel_opened_at_most: 600 })).toMatchObject({
      Mails: '1,000 sent in this period',
      'Opened by people': '54.7% 547 of 1,000 mails; at most 60%',
      Bounced: '0 of 1,000 mails; 0 marked as spam',
    });
    const none = { uniq_opens_0: 3, opens_0: 3, uniq_bounced: 2, bounced_events: 2 };
    expect(tiles(none)).toMatchObject({
      Mails: '0 sent in this period',
      'Opened by people': '– 0 of 0 mails',
      'Clicked by people': '– 0 of 0 mails',
      Bounced: '0 of 0 mails; 0 marked as spam',
    });
  });

  it('says what a rate may be at most only where that is another number', () => {
    const row = { ...THOUSAND, of_pixel_opened: 497 };
    expect(tiles({ ...row, of_pixel_opened_at_most: 497 })['Opened by people']).toBe(
      '49.7% 497 of 1,000 mails',
    );
    const many = { prepared: 1e5, recipients: 1e5, of_pixel: 1e5, of_pixel_opened: 49_700 };
    expect(tiles({ ...many, of_pixel_opened_at_most: 49_701 })['Opened by people']).toBe(
      '49.7% 49,700 of 100,000 mails',
    );
  });

  it('says of how many mails a rate is, and how many were sent, where these are more', () => {
    const row = { recipients: 10, of_pixel: 4, of_pixel_opened: 1, of_pixel_opened_at_most: 1 };
    expect(tiles({ ...row, prepared: 12, of_links: 12 })).toMatchObject({
      Mails: '12 sent in this period, 2 of which name nobody',
      'Opened by people': '25% 1 of 4 mails (12 sent)',
      'Clicked by people': '0% 0 of 12 mails',
    });
  });

  it('cuts bars into people, unknown, privacy proxies and machines', () => {
    const row = { opens_0: 14, opens_1: 1, opens_2: 4, opens_3: 1, clicks_0: 1, clicks_3: 999 };
    const $ = load(renderReaders(totals(row), { days: '7' }));
    const shares = $('.shares').toArray();
    expect(shares.map((list) => $(list).text())).toEqual([
      'People 14 70%Unknown 1 5%Privacy proxies 4 20%Machines 1 5%',
      'People 1 0.1%Unknown 0 0%Privacy proxies 0 0%Machines 999 99.9%',
    ]);
    const [opens, clicks] = $('svg').toArray();
    const parts = (bar: typeof opens) =>
      $(bar)
        .find('rect')
        .toArray()
        .map((part) => [$(part).attr('class'), Number($(part).attr('width'))]);
    expect(parts(opens)).toEqual([
      ['of-people', 700],
      ['of-unknown', 50],
      ['of-proxy', 200],
      ['of-machine', 50],
    ]);
    // A part of a thousandth is still seen, and the bar is not longer for it.
    expect(parts(clicks)).toEqual([
      ['of-people', 6],
      ['of-machine', 994],
    ]);
    expect(load(renderReaders(totals({}), {}))('rect')).toHaveLength(0);
  });
});

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return JSON.stringify((error as BadRequestException).getResponse());
  }
  return '';
}

describe('a period', () => {
  const at = (text: string) => new Date(text);
  const berlin = (names: PeriodNames, now = '2026-11-30T12:00:00Z') =>
    periodOf(names, at(now), 'Europe/Berlin');

  it('is the last days with today, or the days that the address names', () => {
    expect(berlin({ days: '7' })).toMatchObject({
      ...{ first: '2026-11-24', last: '2026-11-30', step: 'day' },
      ...{ from: at('2026-11-23T23:00:00Z'), to: at('2026-11-30T23:00:00Z') },
    });
    expect(berlin({ from: '2026-11-02' })).toMatchObject({
      query: { from: '2026-11-02', to: '2026-11-30' },
    });
    expect(berlin({ from: '2025-01-01', to: '2025-12-31' }).step).toBe('week');
  });

  it('has days of 23, 24 and 25 hours, and days that begin at one', () => {
    const hoursOf = (day: string, timeZone: string) => {
      const { from, to } = periodOf({ from: day, to: day }, new Date(), timeZone);
      return [from.toISOString(), (to.getTime() - from.getTime()) / 3_600_000];
    };
    expect(hoursOf('2026-03-29', 'Europe/Berlin')).toEqual(['2026-03-28T23:00:00.000Z', 23]);
    expect(hoursOf('2026-10-25', 'Europe/Berlin')).toEqual(['2026-10-24T22:00:00.000Z', 25]);
    expect(hoursOf('2026-11-30', 'Asia/Kolkata')).toEqual(['2026-11-29T18:30:00.000Z', 24]);
    expect(hoursOf('2026-09-06', 'America/Santiago')).toEqual(['2026-09-06T04:00:00.000Z', 23]);
    expect(hoursOf('2026-10-04', 'Australia/Lord_Howe')).toEqual([
      '2026-10-03T13:30:00.000Z',
      23.5,
    ]);
  });

  it('of 24 hours begins with an hour of the clocks there', () => {
    expect(periodOf({ days: '1' }, at('2026-11-30T12:10:00Z'), 'Asia/Kolkata')).toMatchObject({
      from: at('2026-11-29T12:30:00Z'),
      to: at('2026-11-30T12:30:00Z'),
    });
  });

  it.each([
    [{ days: '7', from: '2026-11-01' }, /days must not/],
    [{ to: '2026-11-01' }, /to needs from/],
    [{ from: '2026-11-02', to: '2026-11-01' }, /after to/],
    [{ from: '1990-01-01', to: '2026-11-01' }, /at most 3660 days/],
  ])('is refused: %o', (names, problem) => {
    expect(refusalOf(() => berlin(names))).toMatch(problem);
  });
});

describe('the latest events', () => {
  it('show the hits of a burst as one', () => {
    const from = Date.parse('2026-11-30T10:00:00Z');
    const hit = (second: number, of: Partial<TrackingEvent>) =>
      eventOf({
        ...{ eventType: 'clicked', verdict: verdict('scanner'), messageId: 'a@b' },
        ...{ recipient: 'ada@example.com', timestamp: new Date(from + second * 1000), ...of },
      });
    const events = [
      hit(60, { eventType: 'delivered', verdict: null }),
      hit(40, { linkLabel: 'offer', verdict: verdict('human') }),
      hit(5, { linkLabel: 'b' }),
      hit(4, { messageId: 'c@d', linkLabel: 'other' }),
      hit(3, { linkLabel: 'a' }),
      hit(2, { eventType: 'opened' }),
      hit(-60, { linkLabel: 'a' }),
    ];
    const $ = load(renderActivity(events as unknown as RecordedEvent[]));
    expect(
      $('b')
        .toArray()
        .map((one) => $(one).text()),
    ).toEqual([
      'Delivered',
      'A person clicked “offer”',
      'Probably a machine loaded the image and followed 2 links',
      'Probably a machine followed “other”',
      'Probably a machine followed “a”',
    ]);
  });
});

describe('numbers and times on the dashboard', () => {
  it.each([
    [0, '0%'],
    [0.0004, '<0.1%'],
    [0.5, '50%'],
    [0.5468, '54.7%'],
    [0.9996, '>99.9%'],
    [1, '100%'],
    [null, '–'],
  ])('writes the share %p as %s', (share, text) => expect(percent(share)).toBe(text));

  it('gives the day of the last activity', () => {
    const campaign: CampaignTotals = {
      ...totals({
        ...{
          prepared: 2,
          recipients: 2,
          of_pixel: 2,
          of_pixel_opened: 1,
          uniq_opens_0: 9,
          clicks_3: 5,
        },
        ...{ uniq_unsubscribed: 3, uniq_left_by_machine: 1 },
      }),
      campaign: 'spring',
      firstAt: new Date(2026, 10, 28, 18, 30),
      lastAt: new Date(2026, 10, 28, 18, 30),
    };
    const html = renderDashboard({
      period: periodOf({ days: '30' }),
      totals: totals({}),
      points: [],
      campaigns: { campaigns: [campaign], total: 1 },
      latest: [],
      suppressed: { suppressions: [], hasMore: false },
      search: '',
      page: 1,
      ...{ sort: 'lastAt', isDescending: true, hours: [] },
    });
    const $ = load(html);
    // mails, opened, clicked, proxies, machines, bounces, unsubscribed, last activity
    expect(rowOf($, '#campaigns', 'spring')).toEqual(
      '2|1 50%|–|0|5|0|3 1 by machines|28 Nov 2026'.split('|'),
    );
    expect($('#campaigns time').attr('datetime')).toBe('2026-11-28');
    expect($('#campaigns').html()).not.toContain('18:30');
  });

  it('gives an hour from its start to its end', () => {
    const period = { ...periodOf({ days: '1' }), timeZone: 'Europe/Berlin' };
    const point = { ...totals({ opens_0: 1 }), at: new Date('2026-11-28T22:00:00Z') };
    const $ = load(renderChart([point], period));
    expect($('#series time').text()).toBe('28 Nov 2026, 23:00–00:00');
  });
});

describe('the words for an event', () => {
  const told = (eventType: 'opened' | 'clicked', of: Verdict | null, more = {}) =>
    headlineOf(eventOf({ eventType, verdict: of, clickUrl: 'https://example.com/a', ...more }));

  it.each([
    ['opened', verdict('human', 'possible'), 'A person opened the mail', 'Possibly a person'],
    ['clicked', verdict('human'), 'A person clicked example.com/a', 'Probably a person'],
    ['opened', verdict('scanner'), 'Probably a machine loaded the image', 'Probably a machine'],
    ['opened', verdict('scanner', 'possible'), 'Possibly a machine loaded the image', /^Possibly/],
    ['clicked', verdict('scanner', 'certain'), 'A machine followed example.com/a', /^Certainly a/],
    [
      'opened',
      verdict('prefetch'),
      'Probably a machine loaded the image in advance',
      /a machine\b/,
    ],
    [
      'opened',
      verdict('privacy-proxy'),
      'Probably a privacy proxy loaded the image',
      /a privacy proxy\b/,
    ],
    ['opened', verdict('unknown', 'possible'), 'An unknown reader loaded the image', 'Unknown'],
    ['clicked', verdict('unknown', 'certain'), 'An unknown reader followed example.com/a', /^Unk/],
  ] as const)('of %s by %o claim what the verdict does: %s', (type, of, headline, who) => {
    expect(told(type, of)).toBe(headline);
    expect(whoOf(of)).toMatch(who);
    // The same sentence on the dashboard.
    const event = {
      ...eventOf({ eventType: type, verdict: of, clickUrl: 'https://example.com/a' }),
    };
    const line = load(renderActivity([event as unknown as RecordedEvent]));
    expect(line('b').text()).toBe(headline);
    expect(line('small').text()).toMatch(who);
  });

  it('take a hit without a verdict, or with a kind of a newer version, for an unknown reader', () => {
    expect(told('opened', null)).toBe('An unknown reader loaded the image');
    const newer = { ...verdict('human'), kind: 'robot' as VerdictKind };
    expect(told('clicked', newer, { linkLabel: 'offer' })).toBe(
      'An unknown reader followed “offer”',
    );
  });

  it('say which provider reported it', () => {
    const reported = (eventType: 'bounced' | 'complained' | 'unsubscribed') =>
      headlineOf(eventOf({ eventType, source: 'esp', espName: 'SendGrid', verdict: null }));
    expect(reported('bounced')).toBe('Bounced, reported by SendGrid');
    expect(reported('complained')).toBe('Marked as spam, reported by SendGrid');
    expect(reported('unsubscribed')).toBe('Unsubscribed, reported by SendGrid');
  });

  it('say which list somebody left, and how, and name machines', () => {
    const left = (given: Partial<TrackingEvent>) =>
      headlineOf(eventOf({ eventType: 'unsubscribed', verdict: verdict('human'), ...given }));
    expect(left({ list: 'letter', via: 'page' })).toBe(
      'Unsubscribed from The Roastery Letter, on the page behind the link',
    );
    expect(left({})).toBe('Unsubscribed from all lists');
    const scanner = verdict('scanner', 'probable');
    expect(left({ list: 'other', verdict: scanner })).toBe(
      'Probably a machine unsubscribed from other',
    );
    expect(left({ list: 'other', via: 'one-click', verdict: scanner })).toBe(
      'Unsubscribed from other, with the button of the mail program',
    );
  });

  it('are written in one file', () => {
    const sources = ['src', 'public'].flatMap((folder) =>
      readdirSync(join('sample-app', folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(?:ts|js)$/.test(file) && file !== 'words.ts')
        .map((file) => readFileSync(join('sample-app', folder, file), 'utf8')),
    );
    expect(sources.length).toBeGreaterThan(50);
    const { privacyProxies, unknown } = READERS;
    const words = `'${unknown}'|${privacyProxies}|Marked as spam|Delivered|a person\\b.*opened`;
    const found = sources.filter((source) => new RegExp(`['"\`>](?:${words})`).test(source));
    expect(found).toEqual([]);
  });

  it('are plain', () => {
    const old =
      /Came back|Nobody can tell|nobody can tell|Its story|For good|Name holds|>After<|Called spam|perhaps/;
    for (const folder of ['src', 'public']) {
      const files = readdirSync(join('sample-app', folder), { recursive: true, encoding: 'utf8' });
      for (const file of files.filter((name) => /\.(?:ts|js)$/.test(name))) {
        expect(readFileSync(join('sample-app', folder, file), 'utf8')).not.toMatch(old);
      }
    }
  });
});
