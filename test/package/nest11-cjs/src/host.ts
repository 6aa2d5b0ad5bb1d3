import tracking = require('nestjs-email-tracking');

export const EXEMPT = ['open/*token', 'click/*token'];

export function packageEntry(): string {
  return require.resolve('nestjs-email-tracking');
}

/** `import()` inside CommonJS gets the ES modules of a dual package: a second copy in one app. */
export async function loadPackage(): Promise<object[]> {
  return [tracking, await import('nestjs-email-tracking')];
}
