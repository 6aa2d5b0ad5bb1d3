import type { Type } from '@nestjs/common';
import type { DiscoveryService, ModuleRef } from '@nestjs/core';

/** Returns a provider of any module of the app, or `undefined` where there is none. */
export function findProvider<T>(
  moduleRef: Pick<ModuleRef, 'get'>,
  token: Type<T> | string,
): T | undefined {
  try {
    return moduleRef.get<T | null>(token, { strict: false }) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Returns what all modules of the app provide for a token: `ModuleRef` finds one of them only. */
export function findProviders(discovery: DiscoveryService, token: string): unknown[] {
  const found = discovery
    .getProviders()
    .filter((provider) => provider.token === token)
    .flatMap(({ instance }) => instance as unknown);
  return [...new Set(found)];
}
