import type { PixelFormat } from '../link/pixel.js';
import type { Probes } from '../link/probe.js';
import type { Examination } from './examination.js';
import {
  checkCaching,
  checkHead,
  checkLocations,
  checkLongLink,
  checkPixel,
  checkUnsubscribing,
} from './link-checks.js';
import { type DoctorNetwork, Host } from './network.js';
import {
  checkAddress,
  checkClock,
  checkHost,
  checkHttp,
  checkKeys,
  checkQuery,
} from './origin-checks.js';
import { TimeOver, Unreachable } from './patience.js';
import { type Base, Site } from './site.js';

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

/** Asks the hosts of the base URLs, one after the other. */
export async function examineNetwork(exam: Examination, parts: NetworkParts): Promise<void> {
  try {
    for (const bases of byOrigin(parts.bases)) await examineOrigin(bases, exam, parts);
    if (exam.looksFor('SLOW_ANSWERS')) checkSpeed(exam);
  } catch (error) {
    if (!(error instanceof TimeOver)) throw error;
    exam.addAlways('SLOW_ANSWERS', 'all', 'answers took so long that the examination was ended');
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
    const host = await Host.find(url, parts.network, exam.patience);
    if (!host.isPublic && !parts.allowPrivate) {
      return exam.addAlways('BASE_URL_PRIVATE', url.origin, 'a private address; nothing was asked');
    }
    const sites = bases.map((base) => new Site(base, host, parts.probes, exam));
    await examineSites(sites, exam, parts).finally(() => checkHost(host, url.origin, exam));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    exam.addAlways('BASE_URL_UNREACHABLE', url.origin, error.message);
  }
}

async function examineSites(sites: Site[], exam: Examination, parts: NetworkParts): Promise<void> {
  let isFirst = true;
  for (const site of sites) {
    const reached = await site.reach();
    if (!reached.echo) {
      site.addUnanswered(reached);
      continue;
    }
    if (isFirst) {
      await site.askEachAddress();
      await checkKeys(site, exam);
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

function checkSpeed(exam: Examination): void {
  const sorted = exam.durations.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined || median <= SLOW_MS) return;
  exam.addIfWanted(
    'SLOW_ANSWERS',
    'all',
    `half of the answers took longer than ${Math.round(median)} ms`,
  );
}
