import { chmod, mkdir, readdir, rename, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { readSpoolFile, SpoolFile, type SpoolDamage } from './spool-file.js';
import { HEARTBEAT_MS, isOrphan, newSpoolName, ownerOf } from './spool-owner.js';

/** The part of a logger that is used. */
interface Log {
  log(message: string): void;
  warn(message: string): void;
}

/**
 * The folder that keeps on disk what Redis did not take: one file for each process, and the files
 * of processes that have ended, which the first process to find them claims by renaming.
 */
export class SpoolFolder {
  private current: SpoolFile | undefined;
  /** Files that are no longer written, by path and size: to be drained. */
  private readonly closed = new Map<string, number>();
  private writing: Promise<unknown> = Promise.resolve();
  private heart: NodeJS.Timeout | undefined;
  private isMade = false;

  constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
    private readonly logger: Log,
  ) {}

  /** What waits in files of this process, in bytes. */
  get bytes(): number {
    let bytes = this.current?.size ?? 0;
    for (const size of this.closed.values()) bytes += size;
    return bytes;
  }

  /**
   * Writes records and syncs them.
   *
   * @returns false where they would go beyond the limit: nothing is written then
   */
  append(records: Buffer[]): Promise<boolean> {
    return this.inTurn(async () => {
      const length = records.reduce((sum, record) => sum + record.length + 8, 0);
      if (this.bytes + length > this.maxBytes) return false;
      if (this.current && !(await this.current.isOurs())) await this.abandon();
      this.current ??= await this.newFile();
      await this.current.append(records);
      return true;
    });
  }

  /** Takes over the files of processes that are gone. */
  async claimOrphans(): Promise<number> {
    await this.make();
    let claimed = 0;
    for (const name of await readdir(this.folder)) {
      const owner = ownerOf(name);
      const path = join(this.folder, name);
      if (!owner || this.closed.has(path) || this.current?.path === path) continue;
      try {
        const { mtimeMs, size } = await stat(path);
        if (!isOrphan(owner, mtimeMs)) continue;
        const ours = join(this.folder, newSpoolName());
        // The rename is atomic, so of several processes one gets the file.
        await rename(path, ours);
        await touch(ours);
        this.closed.set(ours, size);
        claimed++;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    if (claimed > 0) this.beat();
    return claimed;
  }

  /**
   * Gives every record of every file away, and deletes each file after its last.
   *
   * @param give what it throws ends the draining; the file is given again, from its start
   */
  async drain(give: (record: Buffer) => Promise<void>): Promise<void> {
    await this.inTurn(() => this.retire());
    for (const path of [...this.closed.keys()]) {
      if (await isThere(path)) {
        this.report(await readSpoolFile(path, give));
        await unlink(path);
      }
      // Else another process took us for dead, and has the file and all that is in it.
      this.closed.delete(path);
    }
    if (this.bytes === 0) this.rest();
  }

  async close(): Promise<void> {
    await this.inTurn(() => this.retire());
    this.rest();
  }

  private report({ damagedRecords, brokenTailBytes }: SpoolDamage): void {
    if (damagedRecords + brokenTailBytes === 0) return;
    this.logger.warn(
      `A spool file was damaged: ${damagedRecords} damaged batches and ${brokenTailBytes} bytes ` +
        'of an incomplete tail were skipped; the rest was recovered. A tail is incomplete if a ' +
        'process died while writing it: those hits had not been accepted.',
    );
  }

  private async newFile(): Promise<SpoolFile> {
    await this.make();
    const file = await SpoolFile.create(join(this.folder, newSpoolName()));
    this.beat();
    return file;
  }

  private async make(): Promise<void> {
    if (this.isMade) return;
    const made = await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (made === undefined && ((await stat(this.folder)).mode & 0o077) !== 0) {
      await chmod(this.folder, 0o700);
      this.logger.log(
        'The spool folder was open to other users. Its mode is now 0700, because hits contain addresses.',
      );
    }
    this.isMade = true;
  }

  private async retire(): Promise<void> {
    const file = this.current;
    if (!file) return;
    this.current = undefined;
    // Before the await, because meanwhile somebody may ask how much there is.
    this.closed.set(file.path, file.size);
    await file.close();
  }

  /** Another process took us for dead and has the file, and all that is in it. */
  private async abandon(): Promise<void> {
    await this.current?.close();
    this.current = undefined;
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.writing.then(task);
    this.writing = turn.catch(() => undefined);
    return turn;
  }

  /** Says that the owner of the files lives. */
  private beat(): void {
    this.heart ??= setInterval(() => {
      const paths = [...this.closed.keys(), ...(this.current ? [this.current.path] : [])];
      for (const path of paths) touch(path).catch(() => undefined);
    }, HEARTBEAT_MS).unref();
  }

  private rest(): void {
    clearInterval(this.heart);
    this.heart = undefined;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function touch(path: string): Promise<void> {
  const now = new Date();
  return utimes(path, now, now);
}
