/** Nest 10 asks an older path-to-regexp about exemptions, on both platforms. */
export const EXEMPT = ['open/(.*)', 'click/(.*)'];

export function packageEntry(): string {
  return require.resolve('nestjs-email-tracking');
}

export async function loadPackage(): Promise<object[]> {
  return [require('nestjs-email-tracking')];
}
