import { hostOf } from '../message/link-text.js';
import { GMAIL_CLIPS_AT } from '../message/rewrite-warnings.js';
import { parseUrl } from '../util/parse-url.js';
import { type DoctorCode, type DoctorFinding, type DoctorReport, finding } from './finding.js';
import { examineListHeaders } from './list-headers.js';
import { MAIL_CODES } from './mail-codes.js';
import type { MailParts } from './mail-parts.js';
import { type OwnLink, OwnLinks, readOwnLinks } from './own-links.js';
import { MAX_MAIL_BYTES, openMail, type PlacedUrl, urlsOf } from './read-mail.js';
import { KindCounter } from './kind-counter.js';
import { type Unwrapped, Unwrapper } from './unwrap.js';
import { type Wrapper, WRAPPERS } from './wrappers.js';

/** More different URLs than any mail that readers want. */
const MAX_URLS = 10_000;

/**
 * Examines a mail as it was sent or delivered (`.eml`), and fetches nothing. Findings hold hosts and
 * counts, never a token, an address or the URL of a reader.
 *
 * @param mail its source; what is larger than 30 MiB is not read
 */
export async function examineMail(mail: Uint8Array, parts: MailParts): Promise<DoctorReport> {
  if (mail.byteLength > MAX_MAIL_BYTES) return unreadable(`a mail of ${mail.byteLength} bytes`);
  const opened = await openMail(mail);
  if (opened === undefined || (opened.html === '' && opened.text === '')) {
    return unreadable(opened ? 'no part in HTML or plain text' : 'what cannot be parsed as a mail');
  }
  const all = urlsOf(opened);
  const urls = all.slice(0, MAX_URLS);
  const mailUrls = new MailUrls(urls, parts);
  const links = readOwnLinks(mailUrls.own, parts);
  const bytes = Buffer.byteLength(opened.html);
  const findings = [
    ...(all.length > MAX_URLS
      ? [finding('MAIL_UNREADABLE', `${all.length} URLs, of which ${MAX_URLS} were examined`)]
      : []),
    ...mailUrls.examine(),
    ...links.findings,
    ...examineListHeaders(opened.headers, links.canUnsubscribe),
    ...(bytes > GMAIL_CLIPS_AT ? [finding('MAIL_CLIPPED_BY_GMAIL', `HTML of ${bytes} bytes`)] : []),
  ];
  return { findings, examined: Object.keys(MAIL_CODES) as DoctorCode[] };
}

function unreadable(seen: string): DoctorReport {
  return { findings: [finding('MAIL_UNREADABLE', seen)], examined: ['MAIL_UNREADABLE'] };
}

interface ForeignUrl extends PlacedUrl, Unwrapped {}

/** The URLs of a mail: ours, and those of others. */
class MailUrls {
  readonly own: OwnLink[] = [];
  private readonly foreign: ForeignUrl[] = [];

  constructor(urls: readonly PlacedUrl[], { starts }: MailParts) {
    const ownLinks = new OwnLinks({ starts });
    const unwrapper = new Unwrapper(Object.values(starts).flat());
    for (const placed of urls) {
      const own = ownLinks.find(placed);
      if (own) this.own.push(own);
      else this.foreign.push({ ...placed, ...unwrapper.unwrap(placed.url) });
    }
  }

  examine(): DoctorFinding[] {
    const wrapped = this.foreign.filter(({ holdsOwn }) => holdsOwn);
    const findings = wrappedFindings(wrapped, 'of this app inside links of');
    const tracked = new Set([...this.own, ...wrapped].map(({ place }) => place));
    // The headers of a list are also in mails that are not tracked.
    if ([...tracked].every((place) => place === 'header')) return [this.notTracked(), ...findings];
    // A service that hides where its links lead has hidden ours, if the part has no other of ours.
    const hidden = this.foreign.filter((one) => isHidden(one) && !tracked.has(one.place));
    return [
      ...findings,
      ...wrappedFindings(
        hidden,
        'of which the destination is hidden, and none of this app in the same part:',
      ),
      ...this.secondPixel(),
    ];
  }

  private notTracked(): DoctorFinding {
    const services = new KindCounter();
    for (const { wrappers } of this.foreign) {
      for (const { name } of wrappers) services.add(`links of ${name}`);
    }
    const others = services.count > 0 ? ` (${services.list()})` : '';
    const links = this.foreign.filter(({ place }) => CLICKED.has(place)).length;
    return finding('MAIL_NOT_TRACKED', `none among ${links} links${others}`);
  }

  private secondPixel(): DoctorFinding[] {
    const pixels = this.own.filter(({ place }) => place === 'image');
    if (pixels.length === 0) return [];
    const others = new KindCounter();
    if (pixels.length > 1) others.add(`${pixels.length} pixels of this app`);
    for (const image of this.foreign.filter(isPixel)) {
      const name = pixelOwner(image.url)?.name;
      others.add(`a pixel of ${name ? `${name}, ` : ''}${hostOf(image.url) ?? 'another host'}`);
    }
    return others.count > 0 ? [finding('SECOND_PIXEL', others.list())] : [];
  }
}

/** What is looked at of the URL of an image. */
const MAX_PIXEL_URL = 4096;

/** Where a reader clicks. */
const CLICKED: ReadonlySet<string> = new Set(['html', 'text']);

function isHidden({ place, wrappers }: ForeignUrl): boolean {
  return CLICKED.has(place) && wrappers.some(({ isOpaque }) => isOpaque);
}

/** One finding for each service. */
function wrappedFindings(links: readonly ForeignUrl[], relation: string): DoctorFinding[] {
  const services = new Map<Wrapper | undefined, { count: number; hosts: KindCounter }>();
  for (const { wrappers, url } of links) {
    for (const wrapper of wrappers.length > 0 ? wrappers : [undefined]) {
      const service = services.get(wrapper) ?? { count: 0, hosts: new KindCounter() };
      services.set(wrapper, service);
      service.count++;
      service.hosts.add(hostOf(url) ?? 'an unknown host');
    }
  }
  return [...services].map(([wrapper, { count, hosts }]) => {
    const whose = wrapper?.name ?? 'a service that the doctor does not know';
    const seen = `${count} ${count === 1 ? 'link' : 'links'} ${relation} ${whose}, at ${hosts.list()}`;
    return wrappedFinding(wrapper, seen);
  });
}

function wrappedFinding(wrapper: Wrapper | undefined, seen: string): DoctorFinding {
  if (wrapper === undefined) return finding('WRAPPED_BY_PROVIDER', seen);
  const code = wrapper.side === 'provider' ? 'WRAPPED_BY_PROVIDER' : 'WRAPPED_AFTER_DELIVERY';
  const shape = wrapper.verified ? '' : ' (judged by a shape that no document confirms)';
  return { ...finding(code, `${seen}${shape}`), remedy: `${wrapper.name}: ${wrapper.off}` };
}

function isPixel({ url, place, isTiny, holdsOwn }: ForeignUrl): boolean {
  if (place !== 'image' || holdsOwn) return false;
  return pixelOwner(url) !== undefined || (isTiny === true && identifies(url));
}

/**
 * A tracker must know whose mail it is, so its URL holds a token of mixed letters and digits, or a value in the
 * query that is long enough, and not the version of a file.
 */
function identifies(url: string): boolean {
  const { search = '', pathname = '' } = parseUrl(url.slice(0, MAX_PIXEL_URL)) ?? {};
  const tokens = pathname.match(/[\w-]{16,}/g) ?? [];
  const values = search.match(/[?&](?!v(?:er(?:sion)?)?=)[^=&]*=[^&]{6,}/gi) ?? [];
  return (
    tokens.some((token) => /[a-z]\d/i.test(token) && /\d[a-z]/i.test(token)) ||
    values.some((value) => /=.*[\d@]/.test(value))
  );
}

function pixelOwner(url: string): Wrapper | undefined {
  const text = url.slice(0, MAX_PIXEL_URL).replace(/^https?:\/\//i, '');
  return WRAPPERS.find(({ pixel }) => pixel?.test(text));
}
