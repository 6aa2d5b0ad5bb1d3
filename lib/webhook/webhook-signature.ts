import { Webhook } from 'standardwebhooks';

/** What the specification asks for at the least: 192 bits. */
const MIN_SECRET_BYTES = 24;

/**
 * Signs deliveries by the Standard Webhooks scheme
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
 * HMAC-SHA256 of id, time and body.
 */
export class WebhookSigner {
  private readonly keys: readonly Webhook[];

  /** @param secrets checked before; each makes a signature, so that receivers can rotate them */
  constructor(secrets: string | readonly string[]) {
    this.keys = [secrets].flat().map((secret) => new Webhook(secret));
  }

  /**
   * The headers of one attempt.
   *
   * @param id the same in every attempt
   * @param now milliseconds since 1970
   */
  headers(id: string, now: number, body: string): Record<string, string> {
    const time = new Date(now);
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': this.keys.map((key) => key.sign(id, time, body)).join(' '),
    };
  }
}

/** Whether a text is a secret of that scheme: base64 of 24 bytes or more, `whsec_` before it or not. */
export function isSigningSecret(secret: unknown): boolean {
  if (typeof secret !== 'string' || secret.length > 1024) return false;
  const base64 = secret.replace(/^whsec_/, '');
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length >= MIN_SECRET_BYTES && bytes.toString('base64') === base64;
}
