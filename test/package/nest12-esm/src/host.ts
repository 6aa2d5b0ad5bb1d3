import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as tracking from 'nestjs-email-tracking';

export const EXEMPT = ['open/*token', 'click/*token'];

export function packageEntry(): string {
  return fileURLToPath(import.meta.resolve('nestjs-email-tracking'));
}

/** As a CommonJS plugin of this app does. */
export async function loadPackage(): Promise<object[]> {
  const require = createRequire(import.meta.url);
  return [tracking, require('nestjs-email-tracking') as object];
}
