import type { EspAuthentication, EspSecret } from '../esp-provider.js';
import { missing, wrong } from '../esp-refusal.js';
import type { EspRequest } from '../esp-request.js';
import { isOneOf, several } from './checks.js';

/** Where a request carries a secret. */
export interface SharedSecretScheme {
  /** The accepted secrets. */
  secrets: EspSecret;
  /** The name of their option, for error messages. */
  setting: string;
  /** The header with the secret. */
  header?: string;
  /** The query parameter with the secret, for providers that cannot send a header. */
  query?: string;
}

/**
 * Checks a secret that the provider sends with each request, because it does not sign. A header is
 * better than a query parameter, which proxies write into their logs.
 *
 * @example
 * ```ts
 * sharedSecret({ secrets: apiKey, setting: 'apiKey', header: 'X-Api-Key' })
 * ```
 */
export function sharedSecret(scheme: SharedSecretScheme): EspAuthentication {
  const { setting, header, query } = scheme;
  const secrets = several(scheme.secrets);
  const places = [header && `the header ${header}`, query && `?${query}= of the URL`];
  const place = places.filter(Boolean).join(' or ');
  return {
    verify(request) {
      const given =
        (header && request.header(header)) || (query && parameterOf(request, query)) || undefined;
      if (given === undefined)
        throw missing(`The secret is missing: put ${setting} into ${place}.`);
      if (!isOneOf(given, secrets))
        throw wrong(`The secret in ${place} is wrong: check ${setting}.`);
    },
  };
}

function parameterOf({ url }: EspRequest, name: string): string | null {
  return new URLSearchParams(url.split('?').slice(1).join('?')).get(name);
}
