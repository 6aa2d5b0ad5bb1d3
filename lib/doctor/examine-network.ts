import type { PixelFormat } from '../link/pixel.js';
import type { Probes } from '../link/probe.js';
import { type Examination, TimeOver } from './examination.js';
import {
  checkCaching,
  checkHead,
  checkLocations,
  checkLongLink,
  checkPixel,
  checkUnsubscribing,
} from './link-checks.js';
import { type DoctorNetwork, Host, Unreachable } from './network.js';
import {
  checkAddress,
  checkClock,
  checkHttp,
  checkKeys,
  checkQuery,
  checkTls,
} from './origin-checks.js';
import { type Asked, type Base, Site } from './site.js';

/** What the examination needs of the configuration and of the caller. */
export interface NetworkParts {
  bases: Base[];
  probes: Probes;
  pixel: PixelFormat;
  network: DoctorNetwork;
  allowPrivate: boolean;
  clientAddress: string | undefined;
}

const SLOW_MS = 500;
const TRIES_WITH_OTHER_KEYS = 8;

/** Asks the hosts of the base URLs, one after the other. */
export async function examineNetwork(exam: Examination, parts: NetworkParts): Promise<void> {
  try {
    for (const bases of byOrigin(parts.bases)) await examineOrigin(bases, exam, parts);
    if (exam.looksFor('SLOW_ANSWERS')) checkSpeed(exam);
  } catch (error) {
    if (!(error instanceof TimeOver)) throw error;
    exam.need('SLOW_ANSWERS', 'all', 'answers took so long that the examination was ended');
  }
}

function byOrigin(bases: readonly Base[]): Base[][] {
  const groups = new Map<string, Base[]>();
  for (const base of bases) {
    const { origin } = base.url;
    groups.set(origin, [...(groups.get(origin) ?? []), base]);
  }
  return [...groups.values()];
}

async function examineOrigin(bases: Base[], exam: Examination, parts: NetworkParts): Promise<void> {
  const { url } = bases[0]!;
  exam.looksFor('BASE_URL_UNREACHABLE', 'BASE_URL_PRIVATE', 'PROBE_NOT_ANSWERED');
  try {
    const host = await Host.find(url, parts.network, exam.timeoutMs);
    if (!host.isPublic && !parts.allowPrivate) {
      return exam.need('BASE_URL_PRIVATE', url.origin, 'a private address; nothing was asked');
    }
    const sites = bases.map((base) => new Site(base, host, parts.probes, exam));
    await examineSites(sites, exam, parts);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    exam.need('BASE_URL_UNREACHABLE', url.origin, error.message);
  }
}

async function examineSites(sites: Site[], exam: Examination, parts: NetworkParts): Promise<void> {
  let isFirst = true;
  for (const site of sites) {
    const reached = await reach(site, exam);
    if (!reached) continue;
    if (isFirst) {
      checkTls(site, reached.tls, exam);
      await checkKeys(site, exam);
      if (exam.has('KEYS_DIFFER')) for (const one of sites) one.tries = TRIES_WITH_OTHER_KEYS;
      checkClock(site, reached, exam);
      await checkHttp(site, reached, exam);
      await checkQuery(site, exam);
      await checkAddress(site, reached, exam, parts.clientAddress);
    }
    isFirst = false;
    await checkCaching(site, exam);
    await checkHead(site, exam, reached);
    if (site.purpose === 'open') await checkPixel(site, exam, parts.pixel);
    if (site.purpose === 'click') {
      await checkLocations(site, exam);
      await checkLongLink(site, exam);
    }
    if (site.purpose === 'unsubscribe') await checkUnsubscribing(site, exam);
  }
}

async function reach(site: Site, exam: Examination): Promise<Asked | undefined> {
  const asked = await site.reach();
  if (asked.echo) return asked;
  const place = site.base.url.origin;
  if (asked.sealed !== undefined) {
    exam.need('CACHED', place, 'the answer to another probe');
    return undefined;
  }
  checkTls(site, asked.tls, exam);
  const { location } = asked.headers;
  const seen = `status ${asked.status}${location === undefined ? '' : ` to ${location}`}`;
  exam.need('PROBE_NOT_ANSWERED', `${site.purpose} (${place})`, seen);
  return undefined;
}

function checkSpeed(exam: Examination): void {
  const sorted = exam.durations.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined || median <= SLOW_MS) return;
  exam.add('SLOW_ANSWERS', 'all', `half of the answers took longer than ${Math.round(median)} ms`);
}
