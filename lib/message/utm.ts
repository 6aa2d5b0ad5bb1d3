/** Parameters by which web analytics know where a visitor comes from. */
export type UtmParameters = Record<`utm_${string}`, string>;

/**
 * Adds parameters to a URL without touching what is there: neither the value of a key that it has,
 * in whatever case, nor the spelling of anything else.
 *
 * @param url an absolute URL
 */
export function addUtm(url: string, utm: UtmParameters): string {
  const hash = url.indexOf('#');
  const end = hash === -1 ? url.length : hash;
  const question = url.indexOf('?');
  const hasQuery = question !== -1 && question < end;
  const known = new Set(hasQuery ? keysOf(url.slice(question + 1, end)) : []);
  const added = Object.entries(utm)
    .filter(([key]) => !known.has(key.toLowerCase()))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  if (added.length === 0) return url;
  const before = url.slice(0, end);
  const isOpen = hasQuery && (question === end - 1 || before.endsWith('&'));
  const joint = !hasQuery ? '?' : isOpen ? '' : '&';
  return before + joint + added.join('&') + url.slice(end);
}

function keysOf(query: string): string[] {
  return [...new URLSearchParams(query).keys()].map((key) => key.toLowerCase());
}
