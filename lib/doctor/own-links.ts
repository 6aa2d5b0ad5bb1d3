import { OwnUrls } from '../link/own-urls.js';
import type { LinkPurpose } from '../link/link-payload.js';
import { hostOf, hostOfUrlText } from '../message/link-text.js';
import { isTrackingError } from '../tracking.error.js';
import { type DoctorFinding, finding } from './finding.js';
import type { MailParts } from './mail-parts.js';
import type { PlacedUrl } from './read-mail.js';
import { KindCounter } from './kind-counter.js';

/** A link of ours in a mail, and what it could be for. */
export interface OwnLink extends PlacedUrl {
  /** The most likely first: base URLs may be the same for several. */
  readonly purposes: readonly LinkPurpose[];
}

/** Tells our links from those of others. */
export class OwnLinks {
  private readonly own: Readonly<Record<LinkPurpose, OwnUrls>>;

  constructor({ starts }: Pick<MailParts, 'starts'>) {
    const ownOf = (purpose: LinkPurpose) => new OwnUrls(starts[purpose].flatMap(withBothSchemes));
    this.own = { open: ownOf('open'), click: ownOf('click'), unsubscribe: ownOf('unsubscribe') };
  }

  /** Returns `undefined` for the link of somebody else. */
  find(placed: PlacedUrl): OwnLink | undefined {
    const candidates: LinkPurpose[] =
      placed.place === 'image' ? ['open'] : ['click', 'unsubscribe', 'open'];
    const purposes = candidates.filter((purpose) => this.own[purpose].owns(placed.url));
    return purposes.length > 0 ? { ...placed, purposes } : undefined;
  }
}

/** Mail programs and gateways change `https` to `http`, and back. */
function withBothSchemes(start: string): string[] {
  return /^https?:/i.test(start)
    ? ['http:', 'https:'].map((scheme) => start.replace(/^https?:/i, scheme))
    : [start];
}

/** What the links of ours in a mail say. */
export interface ReadLinks {
  readonly findings: readonly DoctorFinding[];
  /** Whether one of them is for unsubscribing. */
  readonly canUnsubscribe: boolean;
}

/** Reads each link of ours: says how many cannot be read, and whose text names another host. */
export function readOwnLinks(links: readonly OwnLink[], parts: MailParts): ReadLinks {
  let canUnsubscribe = false;
  const unreadable = new KindCounter();
  const mismatched = new KindCounter();
  for (const link of links) {
    const read = readOne(link, parts);
    canUnsubscribe ||= read.purpose === 'unsubscribe';
    if ('problem' in read) unreadable.add(read.problem);
    else if (read.destination !== null && link.shown) {
      const shown = shownHost(link.shown(), read.destination);
      const real = hostOf(read.destination);
      if (shown !== undefined && real !== undefined && !areRelated(shown, real)) {
        mismatched.add(`the text names ${shown}, the link leads to ${real}`);
      }
    }
  }
  const findings: DoctorFinding[] = [];
  if (unreadable.count > 0) {
    const seen = `${unreadable.count} of ${links.length} links of this app: ${unreadable.list()}`;
    findings.push(finding('LINKS_UNREADABLE', seen));
  }
  if (mismatched.count > 0) findings.push(finding('TEXT_NAMES_ANOTHER_HOST', mismatched.list()));
  return { findings, canUnsubscribe };
}

type ReadLink = { purpose: LinkPurpose } & ({ problem: string } | { destination: string | null });

function readOne({ url, purposes }: OwnLink, parts: MailParts): ReadLink {
  let problem: string | undefined;
  for (const purpose of purposes) {
    try {
      const { destination, isExpired } = parts.read(url, purpose);
      return isExpired ? { purpose, problem: 'expired' } : { purpose, destination };
    } catch (error) {
      // That of the likeliest purpose tells the most, unless the link is for another one.
      const code = isTrackingError(error) ? error.code : 'failed';
      if (problem === undefined || problem === 'WRONG_PURPOSE') problem = code;
    }
  }
  return { purpose: purposes[0]!, problem: problem ?? 'failed' };
}

/** Where words end and hosts begin: `Node.js` and `README.md` are no hosts. */
const COMMON_HOST =
  /^(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|info|biz|edu|gov|shop|store|app|dev|eu|[a-z]{2}\.[a-z]{2}|at|au|be|br|ca|ch|cn|de|dk|es|fi|fr|in|it|jp|nl|no|pl|ru|se|uk|us)$/;

function shownHost(text: string, destination: string): string | undefined {
  if (text.length > 2000) return undefined;
  return hostOfUrlText(text, destination) ?? (COMMON_HOST.test(text) ? hostOf(text) : undefined);
}

function areRelated(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}
