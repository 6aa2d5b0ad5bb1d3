/** Parameters by which web analytics know where a visitor comes from. */
export type UtmParameters = Record<`utm_${string}`, string>;

const LABEL = '{label}';

/**
 * Adds parameters to a URL without touching what is there: neither the value of a key that it has,
 * in whatever case, nor the spelling of anything else. A URL whose query is signed stays as it is.
 *
 * @param url an absolute URL
 * @param label takes the place of `{label}`; without one, a parameter that asks for it is not added
 */
export function addUtm(url: string, utm: UtmParameters, label?: string): string {
  const hash = url.indexOf('#');
  const end = hash === -1 ? url.length : hash;
  const question = url.indexOf('?');
  const hasQuery = question !== -1 && question < end;
  const query = hasQuery ? [...new URLSearchParams(url.slice(question + 1, end))] : [];
  if (query.some(([name, value]) => isSignature(name, value))) return url;
  const known = new Set(query.map(([name]) => name.toLowerCase()));
  const added = Object.entries(utm)
    .filter(([key, value]) => {
      return !known.has(key.toLowerCase()) && (label !== undefined || !value.includes(LABEL));
    })
    .map(([key, value]) => {
      const filled = label === undefined ? value : value.replaceAll(LABEL, () => label);
      return `${encodeURIComponent(key)}=${encodeURIComponent(filled)}`;
    });
  if (added.length === 0) return url;
  const before = url.slice(0, end);
  const isOpen = hasQuery && (question === end - 1 || before.endsWith('&'));
  const joint = !hasQuery ? '?' : isOpen ? '' : '&';
  return before + joint + added.join('&') + url.slice(end);
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
