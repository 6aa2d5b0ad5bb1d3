import { newestMail, send, startSample, type Sample } from './start-sample.js';

describe('the event stream of the sample app', () => {
  let sample: Sample;

  beforeEach(async () => {
    sample = await startSample();
  });

  afterEach(() => sample.close());

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
    await stream.cancel();
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
  return {
    type: response.headers.get('content-type'),
    cancel: () => reader.cancel(),
    /** Reads on until a string has come, or to the end. */
    async until(wanted: string): Promise<boolean> {
      while (!received.includes(wanted)) {
        const { done, value } = await reader.read();
        if (done) return false;
        received += value;
      }
      return true;
    },
    events: () =>
      received
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => JSON.parse(line.slice('data: '.length)) as unknown),
  };
}
