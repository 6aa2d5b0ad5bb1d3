/** `new URL`, with `undefined` instead of an error. (`URL.parse` is younger than Node 20.) */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
