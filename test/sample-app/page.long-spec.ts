import { newestMail, send, startSample, type Sample } from './start-sample.js';

describe('the page of the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  it('runs no script but its own files, and names nothing outside this machine', async () => {
    const { text, headers } = await sample.http.get('/').expect(200).expect('Content-Type', /html/);
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|https?:\/\//);

    const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) await sample.http.get(file).expect(200);
  });

  it('offers every template', async () => {
    const { text } = await sample.http.get('/').expect(200);
    for (const name of ['welcome', 'newsletter', 'receipt']) {
      expect(text).toContain(`value="${name}"`);
    }
  });

  it('escapes where a link arrives', async () => {
    const { text } = await sample.http.get('/site/a?b=%3Cscript%3E&c="\'').expect(200);
    expect(text).toContain('/site/a?b=%3Cscript%3E&amp;c=');
    expect(text).not.toContain('c="\'');
  });

  it('shows a mail without scripts, with links in new tabs', async () => {
    await send(sample, { html: '<!doctype html><p>Hi</p><script>alert(1)</script>' });
    const { id } = await newestMail(sample);
    const { text, headers } = await sample.http.get(`/inbox/${id}/frame`).expect(200);

    expect(text).toMatch(/^<!doctype html><base target="_blank"><p>Hi<\/p>/);
    const policy = headers['content-security-policy']!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`img-src 'self' ${sample.settings.publicUrl}`);
    expect(policy).toMatch(/sandbox allow-popups allow-popups-to-escape-sandbox$/);
    expect(policy).not.toContain('script-src');
  });

  it('is healthy', async () => {
    await sample.http.get('/health').expect(200, { status: 'ok' });
  });
});
