import { newestMail, send, startSample, type Sample } from './start-sample.js';

describe('who may talk to the sample app', () => {
  let sample: Sample;
  let click: string;

  beforeAll(async () => {
    sample = await startSample({ PUBLIC_URL: 'https://demo.example' });
    await send(sample, { template: 'receipt' });
    const { html } = await newestMail(sample);
    click = /\/click\/[\w=-]+/.exec(html)![0];
  });

  afterAll(() => sample.close());

  const port = () => sample.settings.port;

  it('puts PUBLIC_URL into the links', async () => {
    const { html } = await newestMail(sample);
    expect(html).toContain('href="https://demo.example/click/');
  });

  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST', 'demo.example', 'demo.example:8443'])(
    'answers to Host %s',
    async (host) => {
      await sample.http.get('/health').set('Host', host).expect(200);
      await sample.http.get(click).set('Host', host).expect(302);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:3000',
    'demo.example.evil.example',
    'user@localhost',
    'localhost:x',
    '192.168.1.20',
  ])('refuses Host %s everywhere', async (host) => {
    for (const path of ['/', '/health', '/api/inbox', '/assets/app.js', click, '/open/x']) {
      const response = await sample.http.get(path).set('Host', host);
      expect(response.status).toBe(421);
      expect(response.text).toMatch(/\.\n$/);
    }
  });

  it('answers to its own origins', async () => {
    const own = [
      `http://127.0.0.1:${port()}`,
      `http://localhost:${port()}`,
      'https://demo.example',
    ];
    for (const origin of own) {
      await sample.http.get('/api/inbox').set('Origin', origin).expect(200);
    }
  });

  it.each([
    'https://evil.example',
    'http://localhost:1',
    'http://localhost',
    'http://demo.example',
    'https://demo.example.evil.example',
    'nonsense',
  ])('refuses Origin %s', async (origin) => {
    const mail = { to: 'ada@example.com', subject: 'Hello', text: 'Hello' };
    await sample.http.post('/api/messages').set('Origin', origin).send(mail).expect(403);
    await sample.http.get('/api/events/stream').set('Origin', origin).expect(403);
    await sample.http.get(click).set('Origin', origin).expect(403);
  });

  it('lets the sandboxed mail, whose origin is null, load pixels and nothing else', async () => {
    await sample.http.get(click).set('Origin', 'null').expect(302);
    await sample.http.post(click).set('Origin', 'null').expect(403);
    await sample.http.get('/api/inbox').set('Origin', 'null').expect(403);
    await sample.http.post('/api/messages').set('Origin', 'null').send({}).expect(403);
  });
});
