import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 128 bits of a hash as a UUID: short and of a fixed length. */
export function uuidOf(text: string): string {
  if (UUID.test(text)) return text;
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** 64 bits of a hash, as text: what groups links. */
export function bigintOf(text: string): string {
  return createHash('sha256').update(text).digest().readBigInt64BE().toString();
}

/** A Message-ID as it is stored: providers write it with and without its brackets. */
export function bareMessageId(messageId: string): string {
  return /^<.*>$/s.test(messageId) ? messageId.slice(1, -1) : messageId;
}

/** An address as it is stored: providers write it in small letters. */
export function bareRecipient(recipient: string): string {
  return recipient.trim().toLowerCase();
}
