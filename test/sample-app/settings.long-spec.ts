import { connect } from 'node:net';
import { readSettings } from '../../sample-app/src/settings.js';
import { ASSETS, eventsOf, newestMail, send, startSample, type Sample } from './start-sample.js';

describe('the settings of the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  it('have defaults that stay on this machine', async () => {
    expect(await readSettings({}, ASSETS)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      smtpPort: 2525,
      smtpUrl: null,
      keyIsFresh: true,
      databaseUrl: null,
      webhookAuth: expect.stringMatching(/^demo:.{32}$/),
    });
  });

  it.each([
    [{ HOST: '0.0.0.0' }, 'http://localhost:3000'],
    [{ HOST: '192.0.2.1' }, 'http://192.0.2.1:3000'],
    [{ HOST: '2001:db8::1' }, 'http://[2001:db8::1]:3000'],
    [{ PUBLIC_URL: 'https://demo.example/' }, 'https://demo.example'],
  ])('with %o give links that start with %s', async (env, publicUrl) => {
    expect(await readSettings(env, ASSETS)).toMatchObject({ publicUrl });
  });

  it('report every problem at once, without the password in SMTP_URL', async () => {
    const env = {
      PORT: '70000',
      SMTP_PORT: 'x',
      SMTP_URL: 'http://user:secret@mail.example',
      PUBLIC_URL: 'https://demo.example/path',
      MAIL_FROM: 'nobody',
      DATABASE_URL: 'mysql://user:secret@db.example',
      WEBHOOK_AUTH: 'secret',
    };
    const error = await readSettings(env, ASSETS).catch((reason: unknown) => reason as Error);
    if (!(error instanceof Error)) throw new Error('No problem was reported.');
    for (const name of Object.keys(env)) expect(error.message).toContain(name);
    expect(error.message).not.toContain('secret');
  });

  it('refuse to relay from an address that others reach, unless told to', async () => {
    const env = { HOST: '0.0.0.0', SMTP_URL: 'smtp://user:secret@mail.example' };
    await expect(readSettings(env, ASSETS)).rejects.toThrow(/ALLOW_RELAY=1/);
    await expect(readSettings(env, ASSETS)).rejects.not.toThrow(/secret/);
    await expect(readSettings({ ...env, ALLOW_RELAY: '1' }, ASSETS)).resolves.toBeDefined();
    await expect(readSettings({ ...env, HOST: '127.0.0.1' }, ASSETS)).resolves.toBeDefined();
  });

  it('name the variable of a port that is taken', async () => {
    const { port } = sample.settings;
    await expect(startSample({ SMTP_PORT: String(port) })).rejects.toThrow(/SMTP_PORT/);
    await expect(startSample({ PORT: String(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('let another SMTP server deliver, to which events still come back', async () => {
    const sender = await startSample({ SMTP_URL: `smtp://127.0.0.1:${sample.smtpPort}` });
    expect(sender.smtpPort).toBeNull();

    const { messageId } = await send(sender, { template: 'receipt' });
    expect((await sender.http.get('/api/inbox')).body).toEqual([]);
    const { html } = await newestMail(sample);
    await sender.http.get(/\/open\/[\w=-]+/.exec(html)![0]).expect(200);
    expect(await eventsOf(sender, messageId, 1)).toHaveLength(1);
    await sender.close();
  });

  it('answer 502 when the SMTP server is away', async () => {
    const sender = await startSample({ SMTP_URL: 'smtp://127.0.0.1:1' });
    const mail = { to: 'ada@example.com', subject: 'Hello', text: 'Hello' };
    const { body } = await sender.http.post('/api/messages').send(mail).expect(502);
    expect(body.message).toMatch(/^The SMTP server rejected the mail/);
    await sender.close();
  });

  it('leave nothing listening after close', async () => {
    const ports = [sample.settings.port, sample.smtpPort!];
    expect(await Promise.all(ports.map(isListening))).toEqual([true, true]);
    await sample.close();
    expect(await Promise.all(ports.map(isListening))).toEqual([false, false]);
  });
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
