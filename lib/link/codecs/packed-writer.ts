import { TrackingError } from '../../tracking.error.js';
import { MAX_DEPTH } from '../json-value.js';
import type { JsonValue, LinkPayload } from '../link-payload.js';
import { COMPACT_ALPHABET, FIELD, SHIFT, TAG, URL_STARTS, WORDS } from './packed-tables.js';

/** Writes what a `packed` token carries, as `docs/link-format.md` says, into one growing buffer. */
export class PackedWriter {
  private bytes = Buffer.allocUnsafe(512);
  private at = 0;

  /** @returns the bytes of the payload; they are overwritten by the next call */
  write(payload: LinkPayload): Buffer {
    this.at = 0;
    if (payload.url !== undefined) this.url(payload.url);
    if (payload.metadata !== undefined) this.field(FIELD.metadata, payload.metadata);
    if (payload.messageId !== undefined) this.field(FIELD.messageId, payload.messageId);
    if (payload.recipient !== undefined) this.field(FIELD.recipient, payload.recipient);
    if (payload.tags !== undefined) this.field(FIELD.tags, payload.tags);
    if (payload.linkIndex !== undefined) this.field(FIELD.linkIndex, payload.linkIndex);
    if (payload.linkCount !== undefined) this.field(FIELD.linkCount, payload.linkCount);
    if (payload.linkLabel !== undefined) this.field(FIELD.linkLabel, payload.linkLabel);
    if (payload.part !== undefined) this.field(FIELD.part, payload.part === 'text' ? 1 : 0);
    if (payload.webhookUrl !== undefined) this.field(FIELD.webhookUrl, payload.webhookUrl);
    if (payload.webhookTimeoutSeconds !== undefined) {
      this.field(FIELD.webhookTimeoutSeconds, payload.webhookTimeoutSeconds);
    }
    if (payload.trackedLinkCount !== undefined) {
      this.field(FIELD.trackedLinkCount, payload.trackedLinkCount);
    }
    if (payload.isUnsubscribeLink !== undefined) {
      this.field(FIELD.isUnsubscribeLink, payload.isUnsubscribeLink);
    }
    if (payload.mode !== undefined) this.field(FIELD.mode, ANONYMOUS);
    if (payload.list !== undefined) this.field(FIELD.list, payload.list);
    return this.bytes.subarray(0, this.at);
  }

  private url(url: string): void {
    const start = startOf(url);
    this.byte(start === 0 ? FIELD.url : FIELD.urlWithStart + start);
    this.text(start === 0 ? url : url.slice(URL_STARTS[start]!.length));
  }

  private field(number: number, value: JsonValue): void {
    this.byte(number);
    this.value(value, 0);
  }

  private value(value: JsonValue, depth: number): void {
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        return this.number(value);
      case 'boolean':
        return this.byte(value ? TAG.true : TAG.false);
      case 'object':
        if (value === null) return this.byte(TAG.null);
        if (depth >= MAX_DEPTH + 1) throw tooDeep();
        return Array.isArray(value) ? this.array(value, depth) : this.object(value, depth);
      default:
        throw new TrackingError('INVALID_METADATA', `A link cannot carry a ${typeof value}.`);
    }
  }

  private array(array: JsonValue[], depth: number): void {
    this.byte(TAG.array);
    this.varint(array.length);
    for (const item of array) this.value(item, depth + 1);
  }

  private object(object: Record<string, JsonValue>, depth: number): void {
    const keys = Object.keys(object);
    if (keys.length < 16) this.byte(TAG.smallObject + keys.length);
    else {
      this.byte(TAG.object);
      this.varint(keys.length);
    }
    for (const key of keys) {
      this.string(key);
      this.value(object[key]!, depth + 1);
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value < 0) {
        this.byte(TAG.negative);
        this.varint(-1 - value);
      } else if (value < 32) this.byte(TAG.smallNatural + value);
      else {
        this.byte(TAG.natural);
        this.varint(value);
      }
    } else if (Number.isFinite(value)) {
      this.byte(TAG.float);
      this.reserve(8);
      this.at = this.bytes.writeDoubleBE(value, this.at);
    } else {
      throw new TrackingError('INVALID_METADATA', 'A link cannot carry NaN or Infinity.');
    }
  }

  /** A string in its shortest form: a word, a UUID, or text. */
  private string(text: string): void {
    const word = WORD_NUMBERS.get(text);
    if (word !== undefined) this.byte(TAG.word + word);
    else if (text.length !== 36 || !this.uuid(text)) this.text(text);
  }

  private text(text: string): void {
    const units = compactUnits(text);
    if (units >= 0) this.compact(text, units);
    else if (!text.isWellFormed()) this.utf16(text);
    else this.utf8(text);
  }

  /** @returns false, with nothing written, if the text is not a UUID in one case throughout */
  private uuid(text: string): boolean {
    this.reserve(17);
    let at = this.at + 1;
    let cases = 0;
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) {
        if (text.charCodeAt(i) !== HYPHEN) return false;
        i++;
      }
      const high = NIBBLES[text.charCodeAt(i)] ?? 0;
      const low = NIBBLES[text.charCodeAt(i + 1)] ?? 0;
      if (high === 0 || low === 0) return false;
      cases |= high | low;
      this.bytes[at++] = ((high & 15) << 4) | (low & 15);
    }
    if ((cases & LOWER) !== 0 && (cases & UPPER) !== 0) return false;
    this.bytes[this.at] = (cases & UPPER) === 0 ? TAG.lowerUuid : TAG.upperUuid;
    this.at = at;
    return true;
  }

  /** Six bits a character, the first one in the highest bits. */
  private compact(text: string, units: number): void {
    if (units < 64) this.byte(TAG.smallCompact + units);
    else {
      this.byte(TAG.compact);
      this.varint(units);
    }
    this.reserve(units);
    const bytes = this.bytes;
    let at = this.at;
    let bits = 0;
    let count = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = UNITS[text.charCodeAt(i)]!;
      if (unit > SHIFT) {
        bits = (bits << 12) | (SHIFT << 6) | (unit & SHIFT);
        count += 12;
      } else {
        bits = (bits << 6) | unit;
        count += 6;
      }
      while (count >= 8) bytes[at++] = bits >>> (count -= 8);
      bits &= 0xff; // no more than 7 bits wait
    }
    if (count > 0) bytes[at++] = bits << (8 - count);
    this.at = at;
  }

  private utf8(text: string): void {
    const length = Buffer.byteLength(text);
    if (length < 64) this.byte(TAG.smallUtf8 + length);
    else {
      this.byte(TAG.utf8);
      this.varint(length);
    }
    this.reserve(length);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  /** Lone surrogates have no UTF-8. */
  private utf16(text: string): void {
    this.byte(TAG.utf16);
    this.varint(text.length);
    this.reserve(text.length * 2);
    this.at += this.bytes.write(text, this.at, 'utf16le');
  }

  private byte(byte: number): void {
    if (this.at === this.bytes.length) this.reserve(1);
    this.bytes[this.at++] = byte;
  }

  /** Seven bits a byte, the lowest first (LEB128). Division, because shifts end at 32 bits. */
  private varint(value: number): void {
    this.reserve(8);
    while (value >= 128) {
      this.bytes[this.at++] = (value % 128) + 128;
      value = Math.floor(value / 128);
    }
    this.bytes[this.at++] = value;
  }

  private reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + length));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** The only mode that is written: a `seen` link is known by its purpose. */
const ANONYMOUS = 1;

const HYPHEN = 0x2d;
const LOWER = 0x20;
const UPPER = 0x40;

/** Hexadecimal digits by character code: the value, 0x10 to tell it from none, and its case. */
const NIBBLES = new Uint8Array(128);
for (let i = 0; i < 10; i++) NIBBLES[0x30 + i] = 0x10 | i;
for (let i = 10; i < 16; i++) {
  NIBBLES[0x61 + i - 10] = 0x10 | LOWER | i;
  NIBBLES[0x41 + i - 10] = 0x10 | UPPER | i;
}

const NO_UNIT = 0xff;

/** Compact units by character code; 0x40 set means: after a shift. */
const UNITS = new Uint8Array(128).fill(NO_UNIT);
[...COMPACT_ALPHABET].forEach((character, unit) => {
  UNITS[character.charCodeAt(0)] = unit;
  const upper = character.toUpperCase();
  if (upper !== character) UNITS[upper.charCodeAt(0)] = 0x40 | unit;
});

const WORD_NUMBERS = new Map<string, number>(WORDS.map((word, number) => [word, number]));

/** How many compact units a text needs, or -1 if it has none or UTF-8 would be shorter. */
function compactUnits(text: string): number {
  let units = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return -1;
    const unit = UNITS[code]!;
    if (unit > SHIFT) {
      if (unit === NO_UNIT) return -1;
      units++;
    }
  }
  return Math.ceil((units * 6) / 8) <= text.length ? units : -1;
}

function startOf(url: string): number {
  if (url.startsWith('https://')) return url.startsWith('www.', 8) ? 2 : 1;
  if (url.startsWith('http://')) return url.startsWith('www.', 7) ? 4 : 3;
  return 0;
}

function tooDeep(): TrackingError {
  return new TrackingError(
    'INVALID_METADATA',
    'A link cannot carry metadata that is nested this deeply.',
  );
}
