import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

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
