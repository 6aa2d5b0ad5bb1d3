import { isTrackingError, TrackingError } from '../tracking.error.js';

/** @param reason without addresses or credentials */
export function webhookFailed(reason: string): TrackingError {
  return new TrackingError('WEBHOOK_FAILED', `The webhook was not delivered: ${reason}.`);
}

/** @param remedy what to configure */
export function webhookRefused(remedy: string): TrackingError {
  return new TrackingError('WEBHOOK_REFUSED', `The webhook is refused: ${remedy}.`);
}

/**
 * What went wrong on the network, as an error of ours. Of Node's error only the code is kept: its
 * message names the address.
 */
export function asWebhookError(error: unknown): TrackingError {
  if (isTrackingError(error)) return error;
  const code = (error as { code?: unknown } | undefined)?.code;
  const known = typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code);
  return webhookFailed(known ? `the connection failed (${code})` : 'the connection failed');
}
