import { isNativeError } from 'node:util/types';
import { isTrackingError } from '../index.js';

/** Describes an error without the message of a foreign one, which may hold a path, a URL or an address. */
export function describeError(error: unknown): string {
  if (isTrackingError(error)) return `${error.code}: ${error.message}`;
  if (!isNativeError(error)) return 'the value thrown is not an Error.';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${error.name} (${code}).` : `${error.name}.`;
}
