import type { EspAuthentication } from '../esp-provider.js';
import { missing, wrong } from '../esp-refusal.js';
import { isOneOf } from './checks.js';

const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="ESP tracking webhook", charset="UTF-8"' };

/**
 * Checks Basic authentication (RFC 7617): the provider calls a URL with `user:password@` in it.
 *
 * @param credentials the accepted `user:password` pairs
 */
export function basicAuth(credentials: readonly string[]): EspAuthentication {
  return {
    verify(request) {
      const header = request.headers.authorization;
      if (header === undefined) {
        throw missing(
          'The request has no credentials: put user:password@ into the URL that the provider calls, and ' +
            'check basicAuth.',
          CHALLENGE,
        );
      }
      const given = readBasic(header);
      if (given === undefined || !isOneOf(given, credentials)) {
        throw wrong(
          'The credentials are wrong: compare user:password@ in the URL that the provider calls ' +
            'with basicAuth.',
        );
      }
    },
  };
}

/**
 * Returns `user:password` from an `Authorization` header, or nothing if its scheme is not Basic.
 */
export function readBasic(header: string): string | undefined {
  const parts = /^basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(header.trim());
  return parts ? Buffer.from(parts[1]!, 'base64').toString('utf8') : undefined;
}
