import type { BodyProblem } from '../util/body-reader.js';
import { TrackingError } from '../tracking.error.js';

/** The error for a request that is refused: its status, and a text that anyone may read. */
export class EspRefusal extends TrackingError {
  /**
   * Creates a refusal with any status. For 401, 403 and 400, use `missing()`, `wrong()` and
   * `unreadable()`.
   *
   * @param status the HTTP status of the answer
   * @param code `ESP_SIGNATURE` for credentials, `ESP_PAYLOAD` for the content of a body
   * @param message one sentence that names the setting to check and contains no secret
   * @param headers headers of the answer
   */
  constructor(
    readonly status: number,
    code: 'ESP_SIGNATURE' | 'ESP_PAYLOAD',
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, message);
  }
}

/**
 * Returns the error for missing credentials: 401.
 *
 * @param what what the request lacks, and which setting requires it
 */
export function missing(what: string, headers?: Readonly<Record<string, string>>): EspRefusal {
  return new EspRefusal(401, 'ESP_SIGNATURE', what, headers);
}

/**
 * Returns the error for wrong credentials: 403.
 *
 * @param what what is wrong, and which setting to check
 */
export function wrong(what: string): EspRefusal {
  return new EspRefusal(403, 'ESP_SIGNATURE', what);
}

/** Returns the error for a body without a signature. */
export function missingSignature(setting: string): EspRefusal {
  return missing(`There is no signature: check ${setting}, and what the provider is set to send.`);
}

/** Returns the error for a missing signature header. */
export function missingHeader(header: string, setting: string): EspRefusal {
  return missing(`The header ${header} is missing: turn on signing at the provider (${setting}).`);
}

/** Returns the error for a signature that matches no key of a setting. */
export function wrongSignature(setting: string): EspRefusal {
  return wrong(`The signature is wrong: compare ${setting} with the key at the provider.`);
}

/**
 * Returns the error for a body, or an event in it, that cannot be read: 400.
 *
 * @param what what is wrong with it
 */
export function unreadable(what: string): EspRefusal {
  return new EspRefusal(400, 'ESP_PAYLOAD', what);
}

/**
 * Returns the error for inbound mail that is posted to a tracking route: 400.
 *
 * @param espName the provider
 * @param advice what to change in its console
 */
export function inboundPayload(espName: string, advice: string): EspRefusal {
  return unreadable(
    `This is ${espName}'s webhook for inbound mail, and this route takes tracking events. ${advice}`,
  );
}

const BODY_REFUSALS: Readonly<Record<BodyProblem, readonly [status: number, message: string]>> = {
  'too-large': [
    413,
    'The body is too large. Check bodyLimit, and what the provider is set to send.',
  ],
  'packed-too-well': [
    413,
    'The decompressed body is larger than this provider sends, or many times its compressed size.',
  ],
  'unknown-encoding': [415, 'The Content-Encoding is unknown. Send gzip, deflate or none.'],
  'badly-packed': [400, 'The body is incomplete, or not compressed as its Content-Encoding says.'],
  incomplete: [400, 'The body is incomplete.'],
  late: [408, 'The body did not arrive in time.'],
};

/** Returns the error for a body that was not read. */
export function unreadBody(problem: BodyProblem): EspRefusal {
  const [status, message] = BODY_REFUSALS[problem];
  return new EspRefusal(status, 'ESP_PAYLOAD', message);
}
