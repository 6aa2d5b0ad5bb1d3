import { Readable } from 'node:stream';
import fc from 'fast-check';
import { readBounded } from '../../lib/nodemailer/bounded-read.js';

const chunks = fc.array(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)));

describe('readBounded', () => {
  test('a replay has the bytes of its source, whether it was read to the end or not', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.nat(60), async (list, max) => {
        const whole = Buffer.concat(list);
        const { bytes, error, replay } = await readBounded(streamOf(list), max);
        expect(error).toBeUndefined();
        expect(bytes).toEqual(whole.length > max ? undefined : whole);
        expect(await collect(replay())).toEqual(whole);
      }),
    );
  });

  test('a replay fails where its source failed', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, async (list) => {
        const { bytes, error, replay } = await readBounded(failing(list), 1e6);
        expect(bytes).toBeUndefined();
        expect(error?.message).toBe('gone');
        const read: Buffer[] = [];
        await expect(
          (async () => {
            for await (const chunk of replay()) read.push(chunk as Buffer);
          })(),
        ).rejects.toThrow('gone');
        expect(Buffer.concat(list).subarray(0, Buffer.concat(read).length)).toEqual(
          Buffer.concat(read),
        );
      }),
    );
  });

  test('no more is read than is needed to tell', async () => {
    const source = endless();
    const { bytes, discard } = await readBounded(source, 1000);
    expect(bytes).toBeUndefined();
    await discard();
    expect(source.destroyed).toBe(true);
  });

  test('who drops the replay drops the source, also before it began', async () => {
    const source = endless();
    const { replay } = await readBounded(source, 1000);
    const again = replay();
    again.destroy();
    await new Promise((resolve) => again.once('close', resolve));
    expect(source.destroyed).toBe(true);
  });

  test('refuses a stream that yields neither strings nor Buffers', async () => {
    const { error } = await readBounded(Readable.from([{ a: 1 }]), 1000);
    expect(error?.message).toMatch(/must yield strings or Buffers/);
  });
});

function streamOf(list: Buffer[]): Readable {
  return Readable.from(list, { objectMode: false });
}

async function* failing(list: Buffer[]): AsyncGenerator<Buffer> {
  yield* list;
  await Promise.resolve();
  throw new Error('gone');
}

function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(300));
    },
  });
}

async function collect(stream: Readable): Promise<Buffer> {
  const read: Buffer[] = [];
  for await (const chunk of stream) read.push(chunk as Buffer);
  return Buffer.concat(read);
}
