/**
 * Adds parameters to the query of a URL without touching what is there: neither the value of a name that
 * it has, in whatever case, nor the spelling of anything else. A URL whose query is signed stays as it is.
 *
 * @param url an absolute URL
 * @param added names, each with the parameter as it is written, such as `a=b%20c`
 */
export function addParameters(url: string, added: readonly Parameter[]): string {
  const hash = url.indexOf('#');
  const end = hash === -1 ? url.length : hash;
  const question = url.indexOf('?');
  const hasQuery = question !== -1 && question < end;
  const query = hasQuery ? [...new URLSearchParams(url.slice(question + 1, end))] : [];
  if (query.some(([name, value]) => isSignature(name, value))) return url;
  const known = new Set(query.map(([name]) => name.toLowerCase()));
  const fresh = added.filter(([name]) => !known.has(name.toLowerCase()));
  if (fresh.length === 0) return url;
  const before = url.slice(0, end);
  const isOpen = hasQuery && (question === end - 1 || before.endsWith('&'));
  const joint = !hasQuery ? '?' : isOpen ? '' : '&';
  return before + joint + fresh.map(([, text]) => text).join('&') + url.slice(end);
}

/** The name of a parameter, and how all of it is written in a URL. */
export type Parameter = readonly [name: string, text: string];

/** Returns a parameter in the spelling that every server reads. */
export function toParameter(name: string, value: string): Parameter {
  return [name, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`];
}

/**
 * Names of parameters that hold a signature over the query: a further parameter would make the URL
 * invalid. `signature` (CloudFront, Google, Laravel), `X-Amz-Signature`, `q-signature` (Tencent),
 * `oauth_signature`, `sig` (Azure), `hmac` (Shopify), `hdnts` (Akamai), `_hash` (Symfony), …
 */
const SIGNATURE = /signature$|hmac|^(?:.*[-_.])?sig$|^(?:hdnea|hdnts|__gda__|_hash)$/i;

/** Names that hold one only where the value looks like it: `s` is a search to others. */
const PERHAPS = /^(?:.*[-_.])?(?:s|h|hash|sign|signed|md5|sha1|sha256|mac|digest|checksum)$/i;
const RANDOM = /^(?=.*\d)[\w+/=-]{16,}$/;

function isSignature(name: string, value: string): boolean {
  return SIGNATURE.test(name) || (PERHAPS.test(name) && RANDOM.test(value));
}
