import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { readFrame, toFrame } from './spool-record.js';

/** What was wrong with a file. */
export interface SpoolDamage {
  /** Records in the middle whose content is not what was written. */
  damagedRecords: number;
  /** Bytes at the end that make no whole record: the process died while it wrote them. */
  brokenTailBytes: number;
}

const CHUNK = 1024 * 1024;

/** An append-only file of records. */
export class SpoolFile {
  private length = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly inode: number,
  ) {}

  /** @throws where the file exists, or cannot be made */
  static async create(path: string): Promise<SpoolFile> {
    // Only the owner may read it: hits hold addresses.
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
    const handle = await open(path, flags, 0o600);
    return new SpoolFile(path, handle, (await handle.stat()).ino);
  }

  /** In bytes. */
  get size(): number {
    return this.length;
  }

  /** Writes records, and returns when the disk has them. */
  async append(contents: Buffer[]): Promise<void> {
    const bytes = Buffer.concat(contents.map(toFrame));
    try {
      await this.handle.appendFile(bytes);
      await this.handle.datasync();
    } catch (error) {
      // A full disk may have taken half a record, which would hide those behind it.
      await this.handle.truncate(this.length).catch(() => undefined);
      throw error;
    }
    this.length += bytes.length;
  }

  /** Returns true if the file still has its name: another process may have claimed it. */
  async isOurs(): Promise<boolean> {
    try {
      return (await stat(this.path)).ino === this.inode;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/**
 * Reads a file record by record.
 *
 * @param onRecord is waited for; what it throws ends the reading
 */
export async function readSpoolFile(
  path: string,
  onRecord: (content: Buffer) => Promise<void>,
): Promise<SpoolDamage> {
  const damage: SpoolDamage = { damagedRecords: 0, brokenTailBytes: 0 };
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    let bytes: Buffer = Buffer.alloc(0);
    let position = 0;
    let offset = 0;
    for (;;) {
      const frame = readFrame(bytes, offset);
      if (frame.kind === 'record') {
        await onRecord(frame.content);
        offset = frame.end;
      } else if (frame.kind === 'damaged') {
        damage.damagedRecords++;
        offset = frame.end;
      } else {
        if (frame.kind === 'lost' || position >= size) break;
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size - position));
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
        if (bytesRead === 0) break;
        position += bytesRead;
        bytes = Buffer.concat([bytes.subarray(offset), chunk.subarray(0, bytesRead)]);
        offset = 0;
      }
    }
    damage.brokenTailBytes = bytes.length - offset + (size - position);
    return damage;
  } finally {
    await handle.close();
  }
}
