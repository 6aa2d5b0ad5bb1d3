import { once } from 'node:events';
import { connect } from 'node:net';
import { pathOf } from './numbers.js';
import { eventsNow, newestMail, send, startSample, type Sample } from './start-sample.js';

interface Told {
  eventId: string;
  words: { headline: string };
}

describe('the event stream of the sample app', () => {
  let sample: Sample;

  beforeAll(async () => {
    sample = await startSample();
  });

  afterAll(() => sample.close());

  it('delivers events as they happen', async () => {
    const stream = await openStream(sample);
    expect(stream.type).toContain('text/event-stream');
    expect(await stream.until(': heartbeat')).toBe(true);

    const { messageId } = await send(sample, { template: 'receipt' });
    const { html } = await newestMail(sample);
    await sample.http.get(/\/open\/[\w=-]+/.exec(html)![0]).expect(200);
    expect(await stream.until('"eventType":"opened"')).toBe(true);
    await sample.http.get(/\/click\/[\w=-]+/.exec(html)![0]).expect(302);
    expect(await stream.until('"eventType":"clicked"')).toBe(true);

    const [opened, clicked] = stream.events();
    expect(opened).toMatchObject({ eventType: 'opened', messageId });
    expect(clicked).toMatchObject({ eventType: 'clicked', messageId });
    const headline = expect.stringMatching(/loaded the image$/) as string;
    expect(opened).toMatchObject({ words: { name: 'Opened', headline } });
    await stream.cancel();
  });

  it('sends an event again when its verdict is corrected', async () => {
    const stream = await openStream(sample);
    const { messageId } = await send(sample, { template: 'newsletter' });
    await sample.http
      .post(`/api${pathOf(messageId)}/visits`)
      .send({ machine: 'gateway' })
      .expect(201);
    const latest = new Map<string, Told>();
    const isCorrected = ({ words }: Told) => /machine followed/.test(words.headline);
    while ([...latest.values()].filter(isCorrected).length < 6) {
      await stream.read();
      for (const event of stream.events() as Told[]) latest.set(event.eventId, event);
    }
    expect(stream.events().length).toBeGreaterThan(latest.size);
    const now = (await eventsNow(sample, messageId)) as unknown as Told[];
    expect(now.filter(isCorrected)).toHaveLength(6);
    await stream.cancel();
  });

  it('stops although a browser opened a connection that it does not use', async () => {
    const own = await startSample();
    const socket = connect(Number(new URL(own.url).port), '127.0.0.1');
    await once(socket, 'connect');
    await Promise.all([once(socket.resume(), 'close'), own.close()]);
  });

  it('ends when the app stops', async () => {
    const stream = await openStream(sample);
    await stream.until(': heartbeat');
    await sample.close();
    expect(await stream.until('never sent')).toBe(false);
  });
});

async function openStream({ url }: Sample) {
  const response = await fetch(`${url}/api/events/stream`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let received = '';
  /** Reads what comes next; false at the end. */
  const read = async () => {
    const { done, value } = await reader.read();
    if (!done) received += value;
    return !done;
  };
  return {
    read,
    type: response.headers.get('content-type'),
    cancel: () => reader.cancel(),
    /** Reads on until a string has come, or to the end. */
    async until(wanted: string): Promise<boolean> {
      while (!received.includes(wanted)) {
        if (!(await read())) return false;
      }
      return true;
    },
    events: () =>
      received
        .slice(0, received.lastIndexOf('\n'))
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => JSON.parse(line.slice('data: '.length)) as unknown),
  };
}
