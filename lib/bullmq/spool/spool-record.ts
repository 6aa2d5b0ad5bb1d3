import { crc32 } from 'node:zlib';

/** In front of each record: the length of what follows, and its CRC-32, both big-endian. */
const HEADER = 8;

/** No batch is longer; a longer length is a damaged one. */
export const MAX_RECORD = 64 * 1024 * 1024;

/** A record as stored in the file. */
export function toFrame(content: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + content.length);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(content), 4);
  content.copy(frame, HEADER);
  return frame;
}

/** What the bytes of a file have next. */
export type Frame =
  | { kind: 'record'; content: Buffer; end: number }
  /** The length is there, the content is another one than was written. */
  | { kind: 'damaged'; end: number }
  /** More bytes are needed. */
  | { kind: 'cut' }
  /** The length is not valid, so the start of the next record is unknown. */
  | { kind: 'lost' };

/** Reads the record that starts at an offset. */
export function readFrame(bytes: Buffer, offset: number): Frame {
  if (bytes.length - offset < HEADER) return { kind: 'cut' };
  const length = bytes.readUInt32BE(offset);
  if (length === 0 || length > MAX_RECORD) return { kind: 'lost' };
  const end = offset + HEADER + length;
  if (end > bytes.length) return { kind: 'cut' };
  const content = bytes.subarray(offset + HEADER, end);
  if (crc32(content) !== bytes.readUInt32BE(offset + 4)) return { kind: 'damaged', end };
  return { kind: 'record', content, end };
}
