import { ALWAYS } from '../hit/answers.js';
import { PIXELS, type PixelFormat } from '../link/pixel.js';
import type { Examination } from './examination.js';
import { Unreachable } from './patience.js';
import type { Asked, Site } from './site.js';

/** Destinations that rewriting damages, in the spelling of `URL.href`. */
const NASTY = [
  ['an escaped slash', '/a%2Fb%2fc?d=%2F'],
  ['an escaped space', '/a%20b?c=%20d'],
  ['a plus', '/a+b?c=d+e%2B'],
  ['an ampersand', '/?a=1&b=2&amp;c=%26'],
  ['other letters', '/b%C3%BCcher?to=https%3A%2F%2Fxn--bcher-kva.example%2F'],
] as const;

const LONG_URL = 1900;

/** Each hides the other. */
const LOCATION_CODES = ['LOCATION_CHANGED', 'LOCATION_QUERY_LOST'] as const;

/** Looks at what a click is answered with. */
export async function checkLocations(site: Site, examination: Examination): Promise<void> {
  if (!examination.looksFor(...LOCATION_CODES)) return;
  for (const [what, to] of NASTY) {
    const asked = await site.askUntilAnswered({ to });
    if (!asked.echo) return site.addUnanswered(asked, `a link to ${what}`);
    if (!isExact(asked, what, site, examination)) return;
  }
}

/** Looks at a link with a long destination. */
export async function checkLongLink(site: Site, examination: Examination): Promise<void> {
  if (!examination.looksFor('LONG_LINK_REFUSED')) return;
  // A cache gives old answers, and its keys take room of the headers.
  if (examination.has('CACHED')) return;
  const start = '/?long=';
  const length = LONG_URL - site.base.url.origin.length - start.length;
  const to = start + '0123456789'.repeat(LONG_URL / 10).slice(0, Math.max(0, length));
  const seen = await refusalOf(() => site.askUntilAnswered({ to }));
  if (typeof seen === 'string') return examination.addIfWanted('LONG_LINK_REFUSED', 'click', seen);
  if (seen.sealed !== undefined && !seen.echo) return site.addUnanswered(seen);
  if (!seen.echo) {
    return examination.addIfWanted('LONG_LINK_REFUSED', 'click', `status ${seen.status}`);
  }
  isExact(seen, `${LONG_URL} characters`, site, examination);
}

function isExact(asked: Asked, what: string, site: Site, examination: Examination): boolean {
  const { destination, status } = asked;
  const location = asked.headers.location ?? '';
  if (status === 302 && location === destination) return true;
  if (LOCATION_CODES.some((code) => examination.has(code))) return false;
  const isWithoutQuery =
    !location.includes('?') && location === destination.slice(0, destination.indexOf('?'));
  const code = isWithoutQuery ? 'LOCATION_QUERY_LOST' : 'LOCATION_CHANGED';
  const seen = `of ${what} (${destination}), status ${status} with Location: ${location || 'none'}`;
  examination.addIfWanted(code, site.purpose, seen, LOCATION_CODES);
  return false;
}

/** Adds `PIXEL_CHANGED` and `PIXEL_HEADERS`. */
export async function checkPixel(
  site: Site,
  examination: Examination,
  format: PixelFormat,
): Promise<void> {
  if (!examination.looksFor('PIXEL_CHANGED', 'PIXEL_HEADERS')) return;
  const { content, mimeType } = PIXELS[format];
  const asked = await site.askUntilAnswered();
  if (!asked.echo) return site.addUnanswered(asked);
  const { status, headers, body } = asked;
  const type = headers['content-type'] ?? 'none';
  if (status !== 200 || type !== mimeType || !body.equals(content)) {
    const seen = `status ${status}, ${body.length} bytes of type ${type}`;
    examination.addIfWanted('PIXEL_CHANGED', 'open', seen);
  }
  const policy = headers['cross-origin-resource-policy'] ?? 'none';
  if (policy === 'cross-origin') return;
  examination.addIfWanted(
    'PIXEL_HEADERS',
    'open',
    `Cross-Origin-Resource-Policy: ${String(policy)}`,
  );
}

/** Looks at the answer to HEAD, beside one to GET. */
export async function checkHead(site: Site, examination: Examination, got: Asked): Promise<void> {
  if (!examination.looksFor('HEAD_REFUSED')) return;
  const asked = await refusalOf(() => site.askUntilAnswered({ method: 'HEAD' }));
  if (typeof asked === 'string')
    return examination.addIfWanted('HEAD_REFUSED', site.purpose, asked);
  const isSame =
    asked.status === got.status &&
    asked.headers['content-type'] === got.headers['content-type'] &&
    asked.headers.location === got.headers.location;
  if (!isSame) examination.addIfWanted('HEAD_REFUSED', site.purpose, `status ${asked.status}`);
}

/** Looks for what caches do, and what they need. */
export async function checkCaching(site: Site, examination: Examination): Promise<void> {
  const codes = ['CACHED', 'CACHE_CONTROL_CHANGED', 'COOKIE_ADDED', 'ETAG_ADDED'] as const;
  if (!examination.looksFor(...codes)) return;
  const place = site.base.url.origin;
  const first = await site.askUntilAnswered();
  const second = await site.askUntilAnswered({ token: first.token });
  const age = cachedFor(first) ?? cachedFor(second);
  if (first.sealed !== undefined && first.sealed === second.sealed) {
    return examination.addAlways('CACHED', place, 'two requests with one answer');
  }
  if (age !== undefined) return examination.addAlways('CACHED', place, age);
  if (!first.echo) return site.addUnanswered(first);
  const { headers } = first;
  const control = headers['cache-control'] ?? 'none';
  if (control !== ALWAYS['Cache-Control']) {
    examination.addIfWanted('CACHE_CONTROL_CHANGED', place, `Cache-Control: ${control}`);
  }
  const cookies = headers['set-cookie'] ?? [];
  if (cookies.length > 0) {
    const names = cookies.map((cookie) => cookie.split('=', 1)[0]);
    examination.addIfWanted('COOKIE_ADDED', place, `a cookie (${names.join(', ')})`);
  }
  const validator = ['etag', 'last-modified'].find((name) => headers[name] !== undefined);
  if (validator) examination.addIfWanted('ETAG_ADDED', place, `the header ${validator}`);
}

/** @returns what says that an answer is an old one */
function cachedFor({ headers }: Asked): string | undefined {
  if (Number(headers['age']) > 0) return `Age: ${headers['age']}`;
  for (const name of ['x-cache', 'x-cache-status', 'cf-cache-status']) {
    const value = String(headers[name] ?? '');
    if (/\bhit\b/i.test(value)) return `${name}: ${value}`;
  }
  return undefined;
}

const FORMS = {
  'application/x-www-form-urlencoded': 'List-Unsubscribe=One-Click',
  'multipart/form-data; boundary=doctor':
    '--doctor\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--doctor--\r\n',
};

/** Looks at the answers to one-click requests. With a probe, they change nothing. */
export async function checkUnsubscribing(site: Site, examination: Examination): Promise<void> {
  if (!examination.looksFor('UNSUBSCRIBE_POST')) return;
  for (const [type, body] of Object.entries(FORMS)) {
    const question = { method: 'POST', headers: { 'Content-Type': type }, body } as const;
    const asked = await refusalOf(() => site.askUntilAnswered(question));
    const seen = typeof asked === 'string' ? asked : wrongWith(asked);
    if (seen === undefined) continue;
    return examination.addIfWanted(
      'UNSUBSCRIBE_POST',
      'unsubscribe',
      `${type.split(';')[0]}: ${seen}`,
    );
  }
}

function wrongWith({ status, echo }: Asked): string | undefined {
  if (status !== 200 || !echo) return `status ${status}`;
  return echo.via === 'one-click' ? undefined : 'the app got no body that says One-Click';
}

/** Asks, where no answer is a finding of its own. @returns why there was none */
async function refusalOf(asks: () => Promise<Asked>): Promise<Asked | string> {
  try {
    return await asks();
  } catch (error) {
    if (error instanceof Unreachable) return error.message;
    throw error;
  }
}
