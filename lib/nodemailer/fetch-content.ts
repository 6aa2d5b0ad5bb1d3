import { Readable } from 'node:stream';
import type { Bag } from './mail-data.js';

/** How long Nodemailer waits for a server that says nothing. */
const TIMEOUT_MS = 60_000;

/**
 * The body behind a URL, as a stream: unlike Nodemailer's own way for plugins, it can be left when
 * it gets too long.
 *
 * @param signal the mail's `signal`, which ends the sending
 */
export async function fetchContent(
  { url, headers }: { url: string; headers: Bag },
  signal: unknown,
): Promise<AsyncIterable<unknown>> {
  const target = new URL(url);
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) sent.set(name, String(value));
  if (target.username !== '' || target.password !== '') {
    const credentials = [target.username, target.password].map(decodeURIComponent).join(':');
    sent.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
    target.username = '';
    target.password = '';
  }
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(target, {
    headers: sent,
    signal: signal instanceof AbortSignal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The server of a URL in a mail answered ${response.status}.`);
  }
  return response.body ?? Readable.from([]);
}
