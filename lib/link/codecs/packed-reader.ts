import { isPlainObject } from '../../util/is-object.js';
import { MAX_DEPTH, setOwn } from '../json-value.js';
import type { JsonValue, LinkPayload, Metadata } from '../link-payload.js';
import { COMPACT_ALPHABET, FIELD, SHIFT, TAG, URL_STARTS, WORDS } from './packed-tables.js';
import { damaged } from './token.js';

/**
 * Reads what a `packed` token carries. The bytes were authenticated before, so they are ours; the
 * checks keep a writer's mistake, or a later version of it, from becoming more than a bad link.
 *
 * @throws TrackingError `INVALID_TOKEN`
 */
export function readPacked(bytes: Buffer): LinkPayload {
  return new PackedReader(bytes).read();
}

class PackedReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  read(): LinkPayload {
    const payload: LinkPayload = {};
    while (this.at < this.bytes.length) {
      const field = this.byte();
      this.field(payload, field, this.value(0));
    }
    return payload;
  }

  private field(payload: LinkPayload, field: number, value: JsonValue): void {
    switch (field) {
      case FIELD.url:
        payload.url = string(value);
        break;
      case FIELD.metadata:
        if (!isPlainObject(value)) throw damaged();
        payload.metadata = value;
        break;
      case FIELD.messageId:
        payload.messageId = string(value);
        break;
      case FIELD.recipient:
        payload.recipient = string(value);
        break;
      case FIELD.tags:
        if (!Array.isArray(value)) throw damaged();
        payload.tags = value.map(string);
        break;
      case FIELD.linkIndex:
        payload.linkIndex = number(value);
        break;
      case FIELD.linkCount:
        payload.linkCount = number(value);
        break;
      case FIELD.linkLabel:
        payload.linkLabel = string(value);
        break;
      case FIELD.part:
        payload.part = number(value) === 1 ? 'text' : 'html';
        break;
      case FIELD.webhookUrl:
        payload.webhookUrl = string(value);
        break;
      case FIELD.webhookTimeoutSeconds:
        payload.webhookTimeoutSeconds = number(value);
        break;
      case FIELD.trackedLinkCount:
        payload.trackedLinkCount = number(value);
        break;
      case FIELD.isUnsubscribeLink:
        payload.isUnsubscribeLink = boolean(value);
        break;
      case FIELD.mode:
        number(value);
        payload.mode = 'anonymous';
        break;
      case FIELD.list:
        payload.list = string(value);
        break;
      default: {
        const start = URL_STARTS[field - FIELD.urlWithStart];
        if (start !== undefined) payload.url = start + string(value);
      }
    }
  }

  private value(depth: number): JsonValue {
    const tag = this.byte();
    if (tag >= TAG.word) return WORDS[tag - TAG.word] ?? fail();
    if (tag >= TAG.smallUtf8) return this.utf8(tag - TAG.smallUtf8);
    if (tag >= TAG.smallCompact) return this.compact(tag - TAG.smallCompact);
    if (tag >= TAG.smallNatural) return tag - TAG.smallNatural;
    if (tag >= TAG.smallObject) return this.object(tag - TAG.smallObject, depth);
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.float:
        return this.bytes.readDoubleBE(this.take(8));
      case TAG.natural:
        return this.varint();
      case TAG.negative:
        return -1 - this.varint();
      case TAG.lowerUuid:
        return this.uuid();
      case TAG.upperUuid:
        return this.uuid().toUpperCase();
      case TAG.array:
        return this.array(depth);
      case TAG.object:
        return this.object(this.varint(), depth);
      case TAG.utf8:
        return this.utf8(this.varint());
      case TAG.compact:
        return this.compact(this.varint());
      case TAG.utf16: {
        const length = this.varint() * 2;
        const start = this.take(length);
        return this.bytes.toString('utf16le', start, start + length);
      }
      default:
        return fail();
    }
  }

  private array(depth: number): JsonValue[] {
    const length = this.count(depth);
    const array: JsonValue[] = [];
    for (let i = 0; i < length; i++) array.push(this.value(depth + 1));
    return array;
  }

  private count(depth: number): number {
    if (depth > MAX_DEPTH) throw damaged();
    return this.varint();
  }

  private object(length: number, depth: number): Metadata {
    if (depth > MAX_DEPTH) throw damaged();
    const object: Metadata = {};
    for (let i = 0; i < length; i++) {
      const key = string(this.value(depth + 1));
      setOwn(object, key, this.value(depth + 1));
    }
    return object;
  }

  private utf8(length: number): string {
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  private compact(units: number): string {
    const start = this.take(Math.ceil((units * 6) / 8));
    const characters =
      units <= SCRATCH.length ? SCRATCH : (Buffer.allocUnsafe(units) as LatinBuffer);
    let length = 0;
    let bits = 0;
    let count = 0;
    let at = start;
    let base = LOWER_CODES;
    for (let i = 0; i < units; i++) {
      if (count < 6) {
        bits = (bits << 8) | this.bytes[at++]!;
        count += 8;
      }
      const unit = (bits >>> (count -= 6)) & 63;
      bits &= 0x3f; // no more than 6 bits wait
      if (unit === SHIFT && base === LOWER_CODES) base = UPPER_CODES;
      else {
        const code = base[unit]!;
        if (code === 0) throw damaged();
        characters[length++] = code;
        base = LOWER_CODES;
      }
    }
    if (base !== LOWER_CODES) throw damaged();
    return characters.latin1Slice(0, length);
  }

  private uuid(): string {
    const start = this.take(16);
    let at = 0;
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) SCRATCH[at++] = HYPHEN;
      const byte = this.bytes[start + i]!;
      SCRATCH[at++] = HEX_CODES[byte >>> 4]!;
      SCRATCH[at++] = HEX_CODES[byte & 15]!;
    }
    return SCRATCH.latin1Slice(0, at);
  }

  private varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return Number.isSafeInteger(value) ? value : fail();
      scale *= 128;
    }
    return fail();
  }

  private byte(): number {
    return this.bytes[this.take(1)]!;
  }

  /** @returns where the next `length` bytes start */
  private take(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) throw damaged();
    this.at = start + length;
    return start;
  }
}

/** Where characters are put together; nothing here waits, so one will do. */
const SCRATCH = Buffer.allocUnsafeSlow(1024) as LatinBuffer;

/** What Node's buffers have for this and its types do not tell: one call instead of three. */
interface LatinBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

const HYPHEN = 0x2d;
const HEX_CODES = Buffer.from('0123456789abcdef');

/** Character codes by unit; 0 if a unit has none. */
const LOWER_CODES = new Uint8Array(64);
const UPPER_CODES = new Uint8Array(64);
[...COMPACT_ALPHABET].forEach((character, unit) => {
  LOWER_CODES[unit] = character.charCodeAt(0);
  const upper = character.toUpperCase();
  if (upper !== character) UPPER_CODES[unit] = upper.charCodeAt(0);
});

function string(value: JsonValue): string {
  return typeof value === 'string' ? value : fail();
}

function number(value: JsonValue): number {
  return typeof value === 'number' ? value : fail();
}

function boolean(value: JsonValue): boolean {
  return typeof value === 'boolean' ? value : fail();
}

function fail(): never {
  throw damaged();
}
