import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readSpoolFile, SpoolFile } from '../../lib/bullmq/spool/spool-file.js';
import { SpoolFolder } from '../../lib/bullmq/spool/spool-folder.js';
import { isOrphan, newSpoolName, ownerOf } from '../../lib/bullmq/spool/spool-owner.js';

describe('the spool', () => {
  let folder: string;
  const logged: string[] = [];
  const logger = { log: () => undefined, warn: (line: string) => void logged.push(line) };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tracking-spool-'));
    logged.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const path = () => join(folder, 'file');
  const records = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1 });

  async function written(contents: Uint8Array[]): Promise<Buffer> {
    rmSync(path(), { force: true });
    const file = await SpoolFile.create(path());
    await file.append(contents.map((content) => Buffer.from(content)));
    await file.close();
    return readFileSync(path());
  }
  async function read(): Promise<{ found: Uint8Array[]; damage: object }> {
    const found: Uint8Array[] = [];
    const damage = await readSpoolFile(path(), (content) => {
      found.push(new Uint8Array(content));
      return Promise.resolve();
    });
    return { found, damage };
  }

  it('gives back every record before the place where the file was cut', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(), async (contents, place) => {
        const bytes = await written(contents);
        const cut = place % (bytes.length + 1);
        writeFileSync(path(), bytes.subarray(0, cut));
        let whole = 0;
        let length = 0;
        while (whole < contents.length && length + 8 + contents[whole]!.length <= cut) {
          length += 8 + contents[whole++]!.length;
        }
        const { found, damage } = await read();
        expect(found).toEqual(contents.slice(0, whole));
        expect(damage).toEqual({ damagedRecords: 0, brokenTailBytes: cut - length });
      }),
      { numRuns: 40 },
    );
  });

  it('leaves out a record whose content was changed, and gives back the others', async () => {
    const contents = ['one', 'two', 'three'].map((word) => Buffer.from(word));
    const bytes = await written(contents);
    bytes[8 + 3 + 8]! ^= 1;
    writeFileSync(path(), bytes);
    const { found, damage } = await read();
    expect(found.map((content) => Buffer.from(content).toString())).toEqual(['one', 'three']);
    expect(damage).toEqual({ damagedRecords: 1, brokenTailBytes: 0 });
  });

  it('reads a file that is longer than a piece of it', async () => {
    const big = Buffer.alloc(700_000, 'x');
    await written([big, big, big, big]);
    const { found } = await read();
    expect(found.map(({ length }) => length)).toEqual([700_000, 700_000, 700_000, 700_000]);
  });

  it('never claims the file of a process that lives', async () => {
    const one = new SpoolFolder(folder, 1e6, logger);
    const two = new SpoolFolder(folder, 1e6, logger);
    await one.append([Buffer.from('hit')]);
    expect(await two.claimOrphans()).toBe(0);
    await Promise.all([one.close(), two.close()]);
  });

  it('is claimed by one of those that start together', async () => {
    const dead = newSpoolName().replace(`-${process.pid}-`, '-4194999-');
    const file = await SpoolFile.create(join(folder, dead));
    await file.append([Buffer.from('hit')]);
    await file.close();
    const folders = Array.from({ length: 5 }, () => new SpoolFolder(folder, 1e6, logger));
    const claimed = await Promise.all(folders.map((one) => one.claimOrphans()));
    expect(claimed.reduce((a, b) => a + b)).toBe(1);
    const given: string[] = [];
    for (const one of folders) {
      await one.drain((record) => Promise.resolve(void given.push(record.toString())));
    }
    expect(given).toEqual(['hit']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives a file again from its start where giving failed', async () => {
    const one = new SpoolFolder(folder, 1e6, logger);
    await one.append([Buffer.from('a'), Buffer.from('b')]);
    const given: string[] = [];
    const give = (record: Buffer) => {
      given.push(record.toString());
      return given.length === 2 ? Promise.reject(new Error('away')) : Promise.resolve();
    };
    await expect(one.drain(give)).rejects.toThrow('away');
    await one.drain(give);
    expect(given).toEqual(['a', 'b', 'a', 'b']);
    expect(one.bytes).toBe(0);
  });

  it('drains the other files when another process has claimed one', async () => {
    const one = new SpoolFolder(folder, 1e6, logger);
    await one.append([Buffer.from('theirs')]);
    await expect(one.drain(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    rmSync(join(folder, readdirSync(folder)[0]!));
    await one.append([Buffer.from('ours')]);
    const given: string[] = [];
    await one.drain((record) => Promise.resolve(void given.push(record.toString())));
    expect(given).toEqual(['ours']);
    expect(one.bytes).toBe(0);
  });

  it('knows files by their names, and orphans by their owners', () => {
    const here = ownerOf(newSpoolName())!;
    expect(here.pid).toBe(process.pid);
    expect(ownerOf('something-else.spool')).toBeUndefined();
    const now = Date.now();
    expect(isOrphan(here, now)).toBe(false);
    // Number 1 of an earlier container: from before this process began.
    expect(isOrphan(here, now - process.uptime() * 1000 - 1000)).toBe(true);
    expect(isOrphan({ ...here, pid: 4194999 }, now)).toBe(true);
    expect(isOrphan({ host: 'elsewhere', pid: 1 }, now - 60_000)).toBe(false);
    expect(isOrphan({ host: 'elsewhere', pid: 1 }, now - 6 * 60_000)).toBe(true);
  });
});
