import { createHmac } from 'node:crypto';

/** The specification's minimum: 192 bits. */
const MIN_SECRET_BYTES = 24;

/**
 * Signs by the Standard Webhooks scheme
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
 * HMAC-SHA256 of id, time and body.
 */
export class WebhookSigner {
  private readonly keys: readonly Buffer[];

  /** @param secrets checked before; each makes a signature, so that receivers can rotate them */
  constructor(secrets: string | readonly string[]) {
    this.keys = [secrets].flat().map(keyOf);
  }

  /**
   * Returns the headers of one attempt.
   *
   * @param id the same in every attempt
   * @param now milliseconds since 1970
   */
  headers(id: string, now: number, body: string): Record<string, string> {
    const seconds = Math.floor(now / 1000);
    const signatures = this.keys.map(
      (key) =>
        `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
    );
    return {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signatures.join(' '),
    };
  }
}

/** Returns whether a text is a secret of that scheme: base64 of 24 bytes or more, after `whsec_` or not. */
export function isSigningSecret(secret: unknown): boolean {
  if (typeof secret !== 'string' || secret.length > 1024) return false;
  const key = keyOf(secret);
  return key.length >= MIN_SECRET_BYTES && key.toString('base64') === secret.replace(PREFIX, '');
}

const PREFIX = /^whsec_/;

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace(PREFIX, ''), 'base64');
}
