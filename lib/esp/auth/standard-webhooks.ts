import { createHmac } from 'node:crypto';
import type { EspAuthentication, EspOptionRule, EspProvider, EspSecret } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missing, wrong, wrongSignature } from '../esp-refusal.js';
import { checkWindow, isOneOf, readBase64, several } from './checks.js';

/** The settings for signatures of Standard Webhooks. */
export interface StandardWebhooksScheme {
  /** The accepted keys, with or without `whsec_`. */
  secrets: EspSecret;
  /** The name of their option, for error messages. */
  setting: string;
  /**
   * How far the signing time may be from now, in seconds, in either direction; `false` for any
   * time.
   *
   * @default 300
   */
  maxAgeSeconds?: number | false;
}

const PREFIX = /^whsec_/;

/** The most signatures that are checked: more than a sender needs for rotation. */
const MAX_SIGNATURES = 20;

/**
 * Checks a signature of Standard Webhooks, as Svix makes it: HMAC-SHA256 over id, time and body,
 * with a list of signatures for rotation. https://www.standardwebhooks.com (2026-11)
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
        throw wrongSignature(setting);
      }
    },
  };
}

/** Returns a header of Standard Webhooks, by Svix's name or the standard's. */
export function signedHeader(
  request: EspRequest,
  name: 'id' | 'timestamp' | 'signature',
): string | undefined {
  return request.header(`svix-${name}`) || request.header(`webhook-${name}`);
}

/** The rule for an option with signing secrets of Standard Webhooks. */
export const signingSecretRule: EspOptionRule = {
  type: 'secret',
  check: (value) =>
    readSigningSecret(value)
      ? undefined
      : 'is no signing secret; copy it whole from the provider: whsec_ and base64',
};

/** What providers take that sign by Standard Webhooks. */
interface SigningOptions {
  signingSecret?: EspSecret;
  signatureMaxAgeSeconds?: number | false;
}

/** The options of such a provider, and how they check its requests. */
export const signedByStandardWebhooks = {
  options: { signingSecret: signingSecretRule, signatureMaxAgeSeconds: { type: 'seconds' } },

  authenticate: ({ signingSecret: secrets, signatureMaxAgeSeconds: maxAgeSeconds }) => [
    secrets && standardWebhooks({ secrets, setting: 'signingSecret', maxAgeSeconds }),
  ],
} satisfies Pick<EspProvider<SigningOptions>, 'options' | 'authenticate'>;

function readSigningSecret(secret: string): Buffer | undefined {
  return readBase64(secret.trim().replace(PREFIX, ''));
}

/** Returns the HMACs of a list such as `v1,abc= v1a,def= v1,ghi=`. Other versions are skipped. */
function versionOne(signatures: string): Buffer[] {
  return signatures
    .split(' ', MAX_SIGNATURES)
    .filter((entry) => entry.startsWith('v1,'))
    .map((entry) => readBase64(entry.slice('v1,'.length)))
    .filter((signature) => signature !== undefined);
}
