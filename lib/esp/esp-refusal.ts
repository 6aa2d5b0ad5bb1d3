import { TrackingError } from '../tracking.error.js';

/** Why a provider's request is refused: the status, and a text that a stranger may read. */
export class EspRefusal extends TrackingError {
  /**
   * For statuses that `missing()`, `wrong()` and `unreadable()` do not stand for.
   *
   * @param status the HTTP status of the answer
   * @param code `ESP_SIGNATURE` for credentials, `ESP_PAYLOAD` for what a body holds
   * @param message one sentence that names the setting to check and holds no secret
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
 * Credentials that are not there: 401.
 *
 * @param what what the request lacks, and which setting speaks of it
 */
export function missing(what: string, headers?: Readonly<Record<string, string>>): EspRefusal {
  return new EspRefusal(401, 'ESP_SIGNATURE', what, headers);
}

/**
 * Credentials that are wrong: 403.
 *
 * @param what what is wrong, and which setting to check
 */
export function wrong(what: string): EspRefusal {
  return new EspRefusal(403, 'ESP_SIGNATURE', what);
}

/**
 * A body, or an event of it, that cannot be read: 400.
 *
 * @param what what is wrong with it
 */
export function unreadable(what: string): EspRefusal {
  return new EspRefusal(400, 'ESP_PAYLOAD', what);
}

/**
 * Mail that came in, posted to a route for tracking: 400.
 *
 * @param espName the provider
 * @param advice what to change in its console
 */
export function inboundPayload(espName: string, advice: string): EspRefusal {
  return unreadable(
    `This is ${espName}'s webhook for inbound mail, and this route takes tracking events. ${advice}`,
  );
}
