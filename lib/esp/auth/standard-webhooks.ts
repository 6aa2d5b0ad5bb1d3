import { createHmac } from 'node:crypto';
import type { EspAuthentication, EspOptionRule, EspSecret } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missing, wrong } from '../esp-refusal.js';
import { isOneOf, several } from './constant-time.js';
import { readBase64 } from './public-key.js';
import { checkWindow } from './replay-window.js';

/** How a signature of Standard Webhooks is checked. */
export interface StandardWebhooksScheme {
  /** The keys, with or without `whsec_`, each of them good. */
  secrets: EspSecret;
  /** The option that holds them, for answers. */
  setting: string;
  /**
   * How far the time of signing may be from now, in seconds, either way; `false`: as far as it likes.
   *
   * @default 300
   */
  maxAgeSeconds?: number | false;
}

const PREFIX = /^whsec_/;

/** More signatures than any sender has keys to rotate through. */
const MAX_SIGNATURES = 20;

/**
 * A signature of Standard Webhooks, as Svix makes it: HMAC-SHA256 over id, time and body, with a
 * list of signatures for rotation. https://www.standardwebhooks.com (2026-11)
 *
 * @example
 * ```ts
 * standardWebhooks({ secrets: signingSecret, setting: 'signingSecret' })
 * ```
 */
export function standardWebhooks(scheme: StandardWebhooksScheme): EspAuthentication {
  const { setting, maxAgeSeconds = 300 } = scheme;
  const keys = several(scheme.secrets).map((secret) => readSigningSecret(secret)!);
  return {
    verify(request) {
      const id = signedHeader(request, 'id');
      const time = signedHeader(request, 'timestamp');
      const signatures = signedHeader(request, 'signature');
      if (!id || !time || !signatures) {
        throw missing(
          `The headers svix-id, svix-timestamp and svix-signature are needed, and one is missing (${setting}).`,
        );
      }
      // Some senders sign whole seconds and send fractions.
      const signedAt = /^\d{1,12}(?:\.\d{1,9})?$/.test(time) ? Math.floor(Number(time)) : undefined;
      if (signedAt === undefined) throw wrong(`The signing time is not a number (${setting}).`);
      checkWindow(signedAt, request.now, maxAgeSeconds);
      const signed = Buffer.concat([Buffer.from(`${id}.${signedAt}.`), request.body]);
      const expected = keys.map((key) => createHmac('sha256', key).update(signed).digest());
      if (!versionOne(signatures).some((signature) => isOneOf(signature, expected))) {
        throw wrong(`The signature is wrong: compare ${setting} with the key at the provider.`);
      }
    },
  };
}

/** A header of Standard Webhooks, under Svix's name or the standard's own. */
export function signedHeader(
  request: EspRequest,
  name: 'id' | 'timestamp' | 'signature',
): string | undefined {
  return request.header(`svix-${name}`) || request.header(`webhook-${name}`);
}

/** The rule of an option that holds signing secrets of Standard Webhooks. */
export const signingSecretRule: EspOptionRule = {
  type: 'secret',
  check: (value) =>
    readSigningSecret(value)
      ? undefined
      : 'is no signing secret; copy it whole from the provider: whsec_ and base64',
};

function readSigningSecret(secret: string): Buffer | undefined {
  return readBase64(secret.trim().replace(PREFIX, ''));
}

/** The HMACs of a list such as `v1,abc= v1a,def= v1,ghi=`; other versions sign otherwise. */
function versionOne(signatures: string): Buffer[] {
  return signatures
    .split(' ', MAX_SIGNATURES)
    .filter((entry) => entry.startsWith('v1,'))
    .map((entry) => readBase64(entry.slice('v1,'.length)))
    .filter((signature) => signature !== undefined);
}
