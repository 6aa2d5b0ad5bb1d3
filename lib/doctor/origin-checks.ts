import { setTimeout as sleep } from 'node:timers/promises';
import { ipAddressOf } from '../util/ip-address.js';
import { parseUrl } from '../util/parse-url.js';
import { isSpecialAddress } from '../util/private-host.js';
import type { Examination } from './examination.js';
import type { Host, TlsFacts } from './network.js';
import { Unreachable } from './patience.js';
import { ask } from './request.js';
import { type Asked, PAUSE_MS, type Site } from './site.js';

const CONNECTIONS = 10;
const SLOW_CONNECTIONS = 5;
const MAX_SKEW_MS = 10_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** An address for documents, which no client has. */
const SPOOFED = '203.0.113.77';

/** Asks over ten new connections whether all processes have the keys. */
export async function checkKeys(site: Site, exam: Examination): Promise<void> {
  if (!exam.looksFor('KEYS_DIFFER')) return;
  const failed: Asked[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const asked = await site.ask();
    if (!asked.echo) failed.push(asked);
  }
  const unread = failed.filter(isUnread).length;
  const differ = unread > 0 && (await isUnreadAgain(site));
  if (differ) {
    const seen = `${unread} of ${CONNECTIONS} connections led to a process that cannot read a probe`;
    exam.addIfWanted('KEYS_DIFFER', site.base.url.origin, seen);
  }
  const other = failed.find((asked) => !differ || !isUnread(asked));
  if (other) site.addUnanswered(other, `one of ${CONNECTIONS} links`);
}

/** Whether a process has probably taken a probe for a link that it cannot read. */
function isUnread({ echo, sealed, status }: Asked): boolean {
  return !echo && sealed === undefined && status !== 429 && status < 500;
}

/** Asks so slowly that a process which another doctor keeps busy answers both. */
async function isUnreadAgain(site: Site): Promise<boolean> {
  for (let i = 0; i < SLOW_CONNECTIONS; i++) {
    await sleep(PAUSE_MS);
    if (isUnread(await site.ask())) return true;
  }
  return false;
}

/** Adds `CLOCK_SKEW`, in any case if probes of this machine's time are not answered. */
export function checkClock(site: Site, { echo, at, duration }: Asked, exam: Examination): void {
  if (!exam.looksFor('CLOCK_SKEW') && site.skewMs === 0) return;
  const skew = Math.round(echo!.at - at - duration / 2);
  if (Math.abs(skew) <= MAX_SKEW_MS + duration) return;
  const way = skew > 0 ? 'ahead of' : 'behind';
  const seen = `the clock of the app is ${Math.round(Math.abs(skew) / 1000)} seconds ${way} this one`;
  exam.addAlways('CLOCK_SKEW', site.base.url.origin, seen);
}

/** What this machine says if it has no way to an address: most have none for IPv6. */
const NO_WAY = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Adds `BASE_URL_UNREACHABLE` and `TLS_*` for each address of a host. */
export function checkHost(host: Host, origin: string, exam: Examination): void {
  for (const [address, { message, code = '' }] of host.failures) {
    if (NO_WAY.includes(code)) continue;
    exam.addAlways('BASE_URL_UNREACHABLE', `${origin} at ${address}`, message);
  }
  const codes = ['TLS_EXPIRED', 'TLS_EXPIRES_SOON', 'TLS_UNTRUSTED', 'TLS_WRONG_HOST'] as const;
  if (host.certificates.size === 0 || !exam.looksFor(...codes)) return;
  for (const [address, tls] of host.certificates) {
    checkCertificate(tls, `${origin} at ${address}`, exam);
  }
}

/** What is wrong with a certificate hides whatever else is. */
function checkCertificate({ problem, validTo }: TlsFacts, place: string, exam: Examination): void {
  const until = `a certificate until ${dayOf(validTo)}`;
  if (problem === 'CERT_HAS_EXPIRED') {
    exam.addAlways('TLS_EXPIRED', place, until);
  } else if (problem === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    exam.addAlways('TLS_WRONG_HOST', place, 'a certificate for other hosts');
  } else if (problem !== null) {
    exam.addAlways('TLS_UNTRUSTED', place, problem);
  } else if (validTo - Date.now() < SOON_DAYS * DAY_MS) {
    exam.addIfWanted('TLS_EXPIRES_SOON', place, until);
  }
}

function dayOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : 'an unknown day';
}

/** Looks where `http:` leads, if somebody answers there. */
export async function checkHttp(site: Site, { token }: Asked, exam: Examination): Promise<void> {
  const secure = new URL(`${site.base.urlFor(token)}?doctor=1`);
  if (secure.protocol !== 'https:' || secure.port !== '') return;
  if (!exam.looksFor('HTTP_LOSES_PATH')) return;
  await exam.waitForTurn();
  const plain = new URL(secure.href.replace(/^https:/, 'http:'));
  try {
    // Who does not listen here may listen at the port for https.
    const { status, headers } = await ask(site.host.afresh(), plain, {}, exam.patience);
    if (![301, 302, 303, 307, 308].includes(status)) return;
    const to = parseUrl(headers.location ?? '', plain.href)?.href;
    const isProbe = to === `${secure.origin}/` && headers['x-tracking-probe'];
    if (to === secure.href || isProbe) return;
    const seen = `a redirect to ${headers.location ?? 'nowhere'}`;
    exam.addIfWanted('HTTP_LOSES_PATH', plain.origin, seen);
  } catch (error) {
    // Nobody has to listen there.
    if (!(error instanceof Unreachable)) throw error;
  }
}

/** Looks at the query of the request as it arrives. */
export async function checkQuery(site: Site, exam: Examination): Promise<void> {
  if (!exam.looksFor('QUERY_DROPPED')) return;
  const asked = await site.askUntilAnswered({ query: '?doctor=1' });
  if (!asked.echo) return site.addUnanswered(asked, 'a link with a query');
  const { path } = asked.echo;
  if (path === '' || path.endsWith('?doctor=1')) return;
  exam.addIfWanted('QUERY_DROPPED', site.base.url.origin, `the app sees the path ${path}`);
}

/** What is wrong with an address; each hides those after it. */
const ADDRESS_CODES = [
  ...(['ADDRESS_SPOOFABLE', 'ADDRESS_WITH_PORT', 'ADDRESS_OF_PROXY'] as const),
  ...(['ADDRESS_UNCONFIRMED', 'ADDRESS_DIFFERS'] as const),
];

type AddressFault = [code: (typeof ADDRESS_CODES)[number], why: string];

/** Looks at the client's address as the app sees it. One thing that is wrong with it is told. */
export async function checkAddress(
  site: Site,
  { echo }: Asked,
  exam: Examination,
  clientAddress: string | undefined,
): Promise<void> {
  if (!exam.looksFor(...ADDRESS_CODES)) return;
  const spoofed = await site.askUntilAnswered({ headers: { 'X-Forwarded-For': SPOOFED } });
  // Whoever refuses a forged header cannot be deceived by it.
  if (!spoofed.echo && ![400, 403].includes(spoofed.status)) {
    site.addUnanswered(spoofed, 'a link with a forged X-Forwarded-For');
  }
  const isSpoofed = spoofed.echo !== null && ipAddressOf(spoofed.echo.ip) === SPOOFED;
  const found: AddressFault | undefined = isSpoofed
    ? ['ADDRESS_SPOOFABLE', ', which is forged']
    : wrongWithAddress(echo!.ip, site.host, clientAddress);
  if (!found) return;
  const [code, why] = found;
  const { ip, forwarded } = isSpoofed ? spoofed.echo! : echo!;
  const got = ['x-forwarded-for', 'forwarded'].filter((name) => forwarded[name] !== undefined);
  const headers = got.map((name) => `${name}: ${forwarded[name]}`).join(', ');
  exam.addIfWanted(
    code,
    site.base.url.origin,
    `the app sees ${ip || 'no address'}${why}; it got ${headers || 'no X-Forwarded-For'}`,
    ADDRESS_CODES.slice(ADDRESS_CODES.indexOf(code) + 1),
  );
}

function wrongWithAddress(
  raw: string,
  host: Host,
  clientAddress: string | undefined,
): AddressFault | undefined {
  // A proxy at a socket of the file system has none.
  if (raw === '') return ['ADDRESS_OF_PROXY', ''];
  if (/^(?:\[.*\]:\d+|[\d.]+:\d+)$/.test(raw)) return ['ADDRESS_WITH_PORT', ''];
  const address = ipAddressOf(raw) ?? raw;
  if (clientAddress !== undefined && address === ipAddressOf(clientAddress)) return undefined;
  if (host.isPublic && isSpecialAddress(address)) return ['ADDRESS_OF_PROXY', ', which is private'];
  if (host.addresses.some((own) => ipAddressOf(own) === address)) {
    return ['ADDRESS_OF_PROXY', ', which is the host itself'];
  }
  return [clientAddress === undefined ? 'ADDRESS_UNCONFIRMED' : 'ADDRESS_DIFFERS', ''];
}
