import { ServiceUnavailableException } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/** How long a server may take to answer a health check, in milliseconds. */
export const HEALTH_PATIENCE_MS = 1000;

/**
 * Answers the `HealthCheckService` of @nestjs/terminus, all of whose versions then answer 503 when
 * the check fails: version 12 knows a returned status only, version 10 a thrown error only.
 *
 * @param modules of the app, among which terminus is looked for
 * @throws IsDown if the check fails, where the app's terminus reads no status, or is not found
 */
export function forTerminus<Key extends string, Health extends { status: 'up' | 'down' }>(
  modules: ModulesContainer,
  key: Key,
  health: Health,
  message: string,
): Record<Key, Health> {
  const result = { [key]: health } as Record<Key, Health>;
  if (health.status === 'up' || readsStatus(modules)) return result;
  throw new IsDown(message, result);
}

/**
 * A failed check. Terminus 10 and 11 know it by its members, so that nothing has to be imported;
 * whoever does not is led to a 503 by the class.
 */
export class IsDown extends ServiceUnavailableException {
  readonly isHealthCheckError = true;

  constructor(
    message: string,
    readonly causes: Record<string, object>,
  ) {
    super({ status: 'error', info: {}, error: causes, details: causes });
    this.message = message;
  }
}

/** From version 11 on, terminus has a `HealthIndicatorService`, and reads a returned status. */
function readsStatus(modules: ModulesContainer): boolean {
  for (const { name, providers } of modules.values()) {
    if (name !== 'TerminusModule') continue;
    for (const provider of providers.values()) {
      if (provider.name === 'HealthIndicatorService') return true;
    }
  }
  return false;
}
