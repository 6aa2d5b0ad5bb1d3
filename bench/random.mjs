import { randomFillSync } from 'node:crypto';

/**
 * Random bytes asked for in bulk, as our codecs do it: what is compared with them shall not lose by
 * asking the operating system for each nonce.
 *
 * @returns a function that gives the next piece
 */
export function randomPieces(length) {
  const pool = Buffer.allocUnsafeSlow(length * 256);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    return pool.subarray(at, (at += length));
  };
}
