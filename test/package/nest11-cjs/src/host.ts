import { createRequire } from 'node:module';
import tracking = require('nestjs-email-tracking');

export const EXEMPT = ['open/*token', 'click/*token'];

export function packageEntry(): string {
  // Not `require.resolve`, which webpack replaces when it bundles this app.
  return createRequire(`${process.cwd()}/`).resolve('nestjs-email-tracking');
}

/** `import()` inside CommonJS. */
export async function loadPackage(): Promise<object[]> {
  return [tracking, await import('nestjs-email-tracking')];
}
