import { isTrackingError, TrackingError } from '../tracking.error.js';

/** @param reason without addresses or credentials */
export function webhookFailed(reason: string): TrackingError {
  return new TrackingError('WEBHOOK_FAILED', `The webhook was not delivered: ${reason}.`);
}

/** @param remedy what to configure */
export function webhookRefused(remedy: string): TrackingError {
  return new TrackingError('WEBHOOK_REFUSED', `The webhook is refused: ${remedy}.`);
}

/** @param option the one that would allow it */
export function privateAddress(option = 'webhookAllowPrivateHosts'): TrackingError {
  return webhookRefused(
    `its host has a private, loopback or other special address. To allow it, set ${option}`,
  );
}

/**
 * Returns a failure of axios or Node as an error of ours: the one that an agent caused, or else only
 * the code, because the message names the address.
 */
export function asWebhookError(error: unknown): TrackingError {
  if (isTrackingError(error)) return error;
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (isTrackingError(cause)) return cause;
  const isKnown = typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code);
  return webhookFailed(isKnown ? `the connection failed (${code})` : 'the connection failed');
}
