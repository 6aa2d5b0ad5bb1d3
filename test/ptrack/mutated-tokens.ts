import fc from 'fast-check';
import { isTrackingError } from 'nestjs-email-tracking';
import { PtrackCodec } from 'nestjs-email-tracking/ptrack';
import { ptrackKey, sealBox } from '../../lib/ptrack/ptrack-box.js';
import { mutated } from '../support/mutations.js';
import { SECRET } from './ptrack-vectors.js';

/** The code of the error that a call throws. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return 'no error';
  } catch (error) {
    if (isTrackingError(error)) return error.code;
    throw error;
  }
}

/** A token around any text, sealed as it should be. */
export function sealed(text: string, secret = SECRET): string {
  const nonce = Buffer.alloc(24, 7);
  const box = sealBox(ptrackKey(secret), Buffer.from(text), nonce);
  return `${box.toString('base64url')}${'='.repeat((3 - (box.length % 3)) % 3)}`;
}

/** Expects that no mutated token is taken for another. */
export function expectRefusals(numRuns: number, seed = 20261120): void {
  const tokens = [
    sealed('[["testarg"], {}]'),
    sealed('[["aa"], {"k": 1}]'),
    sealed('[[], {}]', 'other'),
  ];
  const known = new Set(tokens.map((token) => token.replace(/=+$/, '')));
  const both = new PtrackCodec([SECRET, 'other']);
  fc.assert(
    fc.property(mutated(tokens), (token) => {
      if (codeOf(() => both.decode(token, 'open')) === 'INVALID_TOKEN') return;
      if (!known.has(token.replace(/=+$/, ''))) throw new Error(`taken: ${token}`);
    }),
    { numRuns, seed },
  );
}
