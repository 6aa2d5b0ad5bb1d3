/**
 * The members of a mail that are looked at, in whatever form a version of Nodemailer takes them.
 * Their types are those of the caller's world: nothing of them is believed.
 */
export interface MailData {
  html?: unknown;
  text?: unknown;
  amp?: unknown;
  watchHtml?: unknown;
  raw?: unknown;
  icalEvent?: unknown;
  attachments?: unknown;
  alternatives?: unknown;
  headers?: unknown;
  list?: unknown;
  envelope?: unknown;
  from?: unknown;
  to?: unknown;
  cc?: unknown;
  bcc?: unknown;
  messageId?: unknown;
  template?: unknown;
  signal?: unknown;
  tracking?: unknown;
}

/** A thing with members, which may hold anything. */
export type Bag = Readonly<Record<string, unknown>>;

/** Whether something has members that can be asked for. Arrays and streams have, too. */
export function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null;
}

/** Nodemailer takes one thing where it takes a list. */
export function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return value ? [value] : [];
}

/** A stream is what can be piped; Nodemailer asks no more of it. */
export function isStream(value: unknown): value is NodeJS.ReadableStream {
  return isBag(value) && typeof value.pipe === 'function';
}
