import { chmod, type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { LineLog } from '../util/log.js';
import { type Release, takeFolder } from './spool-owner.js';

type Log = LineLog<'TrackingQueue'>;

const CHUNK = 1024 * 1024;
const NEW_LINE = 0x0a;

/**
 * Keeps on disk what Redis did not take, in one append-only file of lines: a checksum, a space and
 * JSON. What a process leaves behind, the next one with the same folder reads back.
 */
export class Spool {
  /** Where the next record goes, and where the first one begins that was not given away. */
  private end = 0;
  private start = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly file: FileHandle,
    private readonly release: Release,
    private readonly maxBytes: number,
    private readonly log: Log,
  ) {}

  /**
   * Opens the spool of a folder, which is created if it is missing.
   *
   * @throws TrackingError `INVALID_OPTIONS` if a living process owns the folder
   */
  static async open(folder: string, maxBytes: number, log: Log): Promise<Spool> {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made === undefined && ((await stat(folder)).mode & 0o077) !== 0) {
      await chmod(folder, 0o700);
      log.write(
        'SPOOL_MODE_CHANGED',
        'The spool folder was open to other users. Its mode is now 0700, because hits contain addresses.',
      );
    }
    const release = await takeFolder(folder, log);
    try {
      const spool = new Spool(
        await open(join(folder, 'events.spool'), 'a+', 0o600),
        release,
        maxBytes,
        log,
      );
      await spool.cutBrokenLine();
      return spool;
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** What waits in the file, in bytes. */
  get bytes(): number {
    return this.end - this.start;
  }

  /**
   * Writes records and syncs them.
   *
   * @returns false if they would exceed `spoolMaxBytes`: then nothing is written
   * @throws the error of the file system
   */
  append(records: readonly object[]): Promise<boolean> {
    return this.inTurn(async () => {
      const lines = Buffer.from(records.map(toLine).join(''));
      if (this.end + lines.length > this.maxBytes) return false;
      try {
        await this.file.appendFile(lines);
        await this.file.datasync();
      } catch (error) {
        // A full disk may have taken half a record.
        await this.file.truncate(this.end).catch(() => undefined);
        throw error;
      }
      this.end += lines.length;
      return true;
    });
  }

  /**
   * Gives the records away, and empties the file after the last one. What comes meanwhile is given,
   * too.
   *
   * @param give returns false to end it: what was not given away stays
   */
  async drain(give: (records: unknown[]) => Promise<boolean>): Promise<void> {
    let damaged = 0;
    while (this.start < this.end) {
      const lines = await this.readLines();
      const records = splitLines(lines).map(fromLine);
      const whole = records.filter((record) => record !== undefined);
      if (whole.length > 0 && !(await give(whole))) break;
      damaged += records.length - whole.length;
      this.start += lines.length;
    }
    if (damaged > 0)
      this.log.write('SPOOL_DAMAGED', `The spool was damaged: ${damaged} records were skipped.`);
    await this.inTurn(async () => {
      if (this.start < this.end || this.end === 0) return;
      await this.file.truncate(0);
      this.start = 0;
      this.end = 0;
    });
  }

  /** Closes the file and gives the folder back. */
  async close(): Promise<void> {
    await this.inTurn(() => this.file.close()).catch(() => undefined);
    await this.release();
  }

  /** Whole lines, about a mebibyte of them. */
  private async readLines(): Promise<Buffer> {
    for (let size = CHUNK; ; size *= 2) {
      const length = Math.min(size, this.bytes);
      const { buffer, bytesRead } = await this.file.read(
        Buffer.allocUnsafe(length),
        0,
        length,
        this.start,
      );
      const last = buffer.subarray(0, bytesRead).lastIndexOf(NEW_LINE);
      if (last >= 0) return buffer.subarray(0, last + 1);
      if (length === this.bytes) return buffer.subarray(0, length);
    }
  }

  /** The process before may have died in the middle of a record, which had not been accepted. */
  private async cutBrokenLine(): Promise<void> {
    const { size } = await this.file.stat();
    for (let length = Math.min(CHUNK, size); length > 0; length = Math.min(length * 2, size)) {
      const from = size - length;
      const { buffer, bytesRead } = await this.file.read(Buffer.alloc(length), 0, length, from);
      this.end = from + buffer.subarray(0, bytesRead).lastIndexOf(NEW_LINE) + 1;
      if (this.end > from || from === 0) break;
    }
    if (this.end === size) return;
    await this.file.truncate(this.end);
    this.log.write(
      'SPOOL_CUT',
      `The spool ended with an incomplete record (${size - this.end} bytes), which was removed: a ` +
        'process died while it wrote it.',
    );
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(task);
    this.turn = turn.catch(() => undefined);
    return turn;
  }
}

function toLine(record: object): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

function splitLines(lines: Buffer): string[] {
  return lines.toString('utf8').split('\n').slice(0, -1);
}

function fromLine(line: string): unknown {
  const json = line.slice(9);
  return parseInt(line.slice(0, 8), 16) === crc32(json) ? (JSON.parse(json) as unknown) : undefined;
}
