import { startSample, type Sample } from './start-sample.js';

const GOOD = { to: 'ada@example.com', subject: 'Hello', html: '<p>Hello</p>' };

describe('bad input to the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  afterEach(async () => {
    const { body } = await sample.http.get('/api/inbox');
    expect(body).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['no recipient', { ...GOOD, to: undefined }, /^to /],
    ['a recipient that is no address', { ...GOOD, to: 'ada' }, /^to /],
    ['two recipients', { ...GOOD, to: 'ada@example.com, bob@example.com' }, /^to /],
    ['a list of recipients', { ...GOOD, to: ['ada@example.com'] }, /^to /],
    ['a header inside the recipient', { ...GOOD, to: 'ada@example.com\r\nBcc: b@b.com' }, /^to /],
    ['no subject', { ...GOOD, subject: undefined }, /^subject /],
    ['a subject that is no string', { ...GOOD, subject: 5 }, /^subject /],
    ['a header inside the subject', { ...GOOD, subject: 'Hi\r\nBcc: b@b.com' }, /^subject /],
    ['a long subject', { ...GOOD, subject: 'x'.repeat(201) }, /^subject /],
    ['no content', { ...GOOD, html: undefined }, /html, text and template/],
    ['empty HTML', { ...GOOD, html: '' }, /^html /],
    ['HTML that is null', { ...GOOD, html: null }, /^html /],
    ['HTML that is an object', { ...GOOD, html: { path: '/etc/passwd' } }, /^html /],
    ['HTML without end', { ...GOOD, html: 'x'.repeat(200_001) }, /^html /],
    ['text that is a number', { ...GOOD, text: 1 }, /^text /],
    ['an unknown template', { ...GOOD, template: 'x' }, /^template .*welcome, newsletter, receipt/],
    ['a template from Object', { ...GOOD, template: 'constructor' }, /^template /],
    ['metadata that is a list', { ...GOOD, metadata: [] }, /^metadata /],
    ['metadata that is a string', { ...GOOD, metadata: 'x' }, /^metadata /],
    ['metadata that is null', { ...GOOD, metadata: null }, /^metadata /],
    ['large metadata', { ...GOOD, metadata: { a: 'x'.repeat(1000) } }, /^metadata /],
    ['an unknown field', { ...GOOD, cc: 'bob@example.com' }, /cc /],
    ['no object', [], /./],
  ])('answers 400 to %s', async (_, body, message) => {
    const response = await sample.http.post('/api/messages').send(body);
    expect(response.status).toBe(400);
    expect([response.body.message].flat().join('\n')).toMatch(new RegExp(message, 'm'));
  });

  it('answers 400 to broken JSON and to no body', async () => {
    const broken = sample.http.post('/api/messages').set('Content-Type', 'application/json');
    await broken.send('{"to":').expect(400);
    await sample.http.post('/api/messages').expect(400);
    await sample.http.post('/api/messages').type('text').send(JSON.stringify(GOOD)).expect(400);
  });

  it('answers 400 to metadata that no recursive function could walk', async () => {
    const metadata = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    const body = JSON.stringify(GOOD).replace(/}$/, `,"metadata":${metadata}}`);
    const response = await sample.http.post('/api/messages').type('json').send(body).expect(400);
    expect(response.body.message).toEqual([expect.stringMatching(/^metadata /)]);
  });

  it('answers 413 to a body that is too large', async () => {
    await sample.http
      .post('/api/messages')
      .send({ ...GOOD, html: 'x'.repeat(1_100_000) })
      .expect(413);
  });

  it('answers 404 to mails and addresses that do not exist', async () => {
    await sample.http.get('/api/inbox/999').expect(404);
    await sample.http.get('/api/inbox/__proto__').expect(404);
    await sample.http.get('/inbox/999/frame').expect(404);
    await sample.http.get('/assets/../package.json').expect(404);
    await sample.http.get('/assets/%2e%2e/%2e%2e/package.json').expect(404);
    await sample.http.get('/nothing').expect(404);
  });

  it('makes no event of a tracking link that cannot be read', async () => {
    await sample.http.get('/click/nonsense').expect(404);
    await sample.http.get('/open/nonsense').expect(404);
    const { body } = await sample.http.get('/api/events').expect(200);
    expect(body).toEqual([]);
  });
});
