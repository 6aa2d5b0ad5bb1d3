import { ipAddressOf } from '../util/ip-address.js';
import { isSpecialAddress } from '../util/private-host.js';
import type { Examination } from './examination.js';
import { type TlsFacts, Unreachable } from './network.js';
import { ask } from './request.js';
import type { Asked, Site } from './site.js';

const CONNECTIONS = 10;
const MAX_SKEW_MS = 10_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** An address for documents, which no client has. */
const SPOOFED = '203.0.113.77';

/** Asks over ten new connections whether all processes have the keys. */
export async function checkKeys(site: Site, examination: Examination): Promise<void> {
  if (!examination.looksFor('KEYS_DIFFER')) return;
  let unread = 0;
  for (let i = 0; i < CONNECTIONS; i++) {
    const { echo, sealed } = await site.ask();
    if (!echo && sealed === undefined) unread++;
  }
  if (unread === 0) return;
  const seen = `${unread} of ${CONNECTIONS} connections led to a process that cannot read a probe`;
  examination.add('KEYS_DIFFER', site.base.url.origin, seen);
}

/** Compares the clocks. */
export function checkClock(site: Site, { echo, at, duration }: Asked, exam: Examination): void {
  if (!exam.looksFor('CLOCK_SKEW')) return;
  const skew = Math.round(echo!.at - at - duration / 2);
  if (Math.abs(skew) <= MAX_SKEW_MS + duration) return;
  const way = skew > 0 ? 'ahead of' : 'behind';
  const seen = `the clock of the app is ${Math.round(Math.abs(skew) / 1000)} seconds ${way} this one`;
  exam.add('CLOCK_SKEW', site.base.url.origin, seen);
}

/** Looks at the certificate. */
export function checkTls(site: Site, tls: TlsFacts | null, examination: Examination): void {
  if (!tls) return;
  const codes = ['TLS_EXPIRED', 'TLS_EXPIRES_SOON', 'TLS_UNTRUSTED', 'TLS_WRONG_HOST'] as const;
  if (!examination.looksFor(...codes)) return;
  const place = site.base.url.origin;
  const { problem, validTo } = tls;
  if (problem === 'CERT_HAS_EXPIRED') {
    examination.add('TLS_EXPIRED', place, `a certificate until ${dayOf(validTo)}`);
  } else if (problem === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    examination.add('TLS_WRONG_HOST', place, 'a certificate for other hosts');
  } else if (problem !== null) {
    examination.add('TLS_UNTRUSTED', place, problem);
  } else if (validTo - Date.now() < SOON_DAYS * DAY_MS) {
    examination.add('TLS_EXPIRES_SOON', place, `a certificate until ${dayOf(validTo)}`);
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
  await exam.turn();
  const plain = new URL(secure.href.replace(/^https:/, 'http:'));
  try {
    const { status, headers } = await ask(site.host, plain, {}, exam.timeoutMs);
    const location = headers.location ?? '';
    if (![301, 302, 303, 307, 308].includes(status) || location === secure.href) return;
    const isProbe = location === `${site.base.url.origin}/` && headers['x-tracking-probe'];
    if (!isProbe)
      exam.add('HTTP_LOSES_PATH', plain.origin, `a redirect to ${location || 'nowhere'}`);
  } catch (error) {
    // Nobody has to listen there.
    if (!(error instanceof Unreachable)) throw error;
  }
}

/** Looks at the request as it arrives: its query. */
export async function checkQuery(site: Site, examination: Examination): Promise<void> {
  if (!examination.looksFor('QUERY_DROPPED')) return;
  const { echo } = await site.askUntilAnswered({ query: '?doctor=1' });
  if (!echo || echo.path === '' || echo.path.endsWith('?doctor=1')) return;
  examination.add('QUERY_DROPPED', site.base.url.origin, `the app sees the path ${echo.path}`);
}

/** Looks at the client's address as the app sees it. One thing that is wrong with it is told. */
export async function checkAddress(
  site: Site,
  { echo }: Asked,
  examination: Examination,
  clientAddress: string | undefined,
): Promise<void> {
  const codes = [
    ...(['ADDRESS_SPOOFABLE', 'ADDRESS_WITH_PORT', 'ADDRESS_OF_PROXY'] as const),
    ...(['ADDRESS_DIFFERS', 'ADDRESS_UNCONFIRMED'] as const),
  ];
  if (!examination.looksFor(...codes)) return;
  const spoofed = await site.askUntilAnswered({ headers: { 'X-Forwarded-For': SPOOFED } });
  const place = site.base.url.origin;
  if (spoofed.echo && ipAddressOf(spoofed.echo.ip) === SPOOFED) {
    const seen = `with a forged X-Forwarded-For, the app sees the forged address`;
    return examination.add('ADDRESS_SPOOFABLE', place, seen);
  }
  const raw = echo!.ip;
  const address = ipAddressOf(raw) ?? raw;
  const seen = `the app sees ${raw || 'no address'}`;
  if (/^(?:\[.*\]:\d+|[\d.]+:\d+)$/.test(raw)) {
    return examination.add('ADDRESS_WITH_PORT', place, seen);
  }
  if (clientAddress !== undefined && address === ipAddressOf(clientAddress)) return;
  const { host } = site;
  if (host.isPublic && isSpecialAddress(address)) {
    return examination.add('ADDRESS_OF_PROXY', place, `${seen}, which is private`);
  }
  if (host.addresses.some((own) => ipAddressOf(own) === address)) {
    return examination.add('ADDRESS_OF_PROXY', place, `${seen}, which is the host itself`);
  }
  examination.add(
    clientAddress === undefined ? 'ADDRESS_UNCONFIRMED' : 'ADDRESS_DIFFERS',
    place,
    seen,
  );
}
