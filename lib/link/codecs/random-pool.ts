import { randomFillSync } from 'node:crypto';

const PIECES = 256;

/**
 * Random bytes in pieces of one length, each given out once. Asking the operating system for every
 * nonce costs more than the cipher does; this asks in bulk.
 */
export class RandomPool {
  private pool = Buffer.alloc(0);
  private at = 0;

  /** @param length of a piece, in bytes */
  constructor(private readonly length: number) {}

  next(): Buffer {
    if (this.at === this.pool.length) {
      this.pool = randomFillSync(Buffer.allocUnsafeSlow(this.length * PIECES));
      this.at = 0;
    }
    return this.pool.subarray(this.at, (this.at += this.length));
  }
}
