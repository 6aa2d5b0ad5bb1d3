import { load } from 'cheerio';
import { readScrape } from '../docs/promql.js';
import { eventsOf, newestMail, send, startSample, type Sample } from './start-sample.js';

describe('the metrics of the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
    const { messageId } = await send(sample, { template: 'newsletter' });
    const { html } = await newestMail(sample);
    await sample.http.get(/\/click\/[\w=-]+/.exec(html)![0]).set('user-agent', 'curl/8.5.0');
    await sample.http.get('/click/nothing');
    await eventsOf(sample, messageId, 1);
  });

  afterAll(() => sample.close());

  it('are given to Prometheus on the port of the app', async () => {
    const { text, headers } = await sample.http.get('/metrics').expect(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const hits = readScrape(text).get('email_tracking_hits_total')!;
    expect([...hits.get('outcome')!].toSorted()).toEqual(['recorded', 'unreadable']);
    expect([...hits.get('verdict')!]).toContain('scanner');
    expect(text).not.toMatch(/ada@|newsletter/);
  });

  it('are shown by group on a page that the dashboard links', async () => {
    const dashboard = await sample.http.get('/dashboard').expect(200);
    expect(load(dashboard.text)('main a[href="/dashboard/metrics"]')).toHaveLength(1);
    const page = load((await sample.http.get('/dashboard/metrics').expect(200)).text);
    const groups = page('main h2').toArray();
    expect(groups.map((title) => page(title).text())).toEqual(
      expect.arrayContaining(['Hits and verdicts', 'Mails', 'Store']),
    );
    const rows = page('#hits tbody tr').toArray();
    expect(rows.map((row) => page(row).text())).toContain(
      'Requests to pixels and click linkspurpose click, outcome unreadable, verdict none1',
    );
  });

  it('are refused to another Host, and with parameters', async () => {
    for (const path of ['/metrics', '/dashboard/metrics']) {
      await sample.http.get(path).set('Host', 'evil.example').expect(421);
    }
    await sample.http.get('/dashboard/metrics?x=1').expect(400);
  });
});
