import { isIP } from 'node:net';
import type { LinksResolver } from '../link/links.js';
import { joinTrackingUrl } from '../link/tracking-url.js';
import { invalidOptions, type Problem } from '../tracking.error.js';
import { parseUrl } from '../util/parse-url.js';
import { Examination } from './examination.js';
import { examineMail } from './examine-mail.js';
import { examineNetwork } from './examine-network.js';
import { DOCTOR_CODES, type DoctorCode, type DoctorReport, worstFirst } from './finding.js';
import { MAIL_CODES } from './mail-codes.js';
import { mailPartsOf, type UnsubscribeReader } from './mail-parts.js';
import { NETWORK, type DoctorNetwork } from './network.js';
import { NETWORK_CODES } from './network-codes.js';
import type { Base } from './site.js';

/** What an examination looks at. */
export interface DoctorOptions {
  /** The codes to look for. What keeps from looking is reported in any case. Default: all. */
  only?: DoctorCode[];
  /** Whether private addresses are asked. Default: false. */
  allowPrivate?: boolean;
  /** The public address of this machine, which the app should see. Default: unknown. */
  clientAddress?: string;
  /** How long one connection or answer may take, in milliseconds, 1 to 60 000. Default: 5 000. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5000;
const MAX_TIMEOUT_MS = 60_000;

/**
 * Finds what is wrong between readers and the app: proxies, caches, certificates, keys. It asks the
 * hosts of the base URLs and nobody else, at most 10 times a second, and counts as nothing there.
 *
 * @example
 * ```ts
 * const { findings } = await doctor.examine({ clientAddress: '198.51.100.7' });
 * for (const { code, seen, remedy } of findings) console.log(code, seen, remedy);
 * ```
 */
export class TrackingDoctor {
  private last: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(
    private readonly settings: LinksResolver & { unsubscribeLinks(): UnsubscribeReader },
    private readonly network: DoctorNetwork = NETWORK,
  ) {}

  /**
   * Examines the base URLs by sending probes. One examination at a time; it ends within minutes.
   *
   * @throws TrackingError `INVALID_OPTIONS` without a base URL or key, or for options that cannot be
   */
  examine(options: DoctorOptions = {}): Promise<DoctorReport> {
    const next = this.last.then(() => this.examineNow(options));
    this.last = next.catch(() => undefined);
    return next;
  }

  /**
   * Examines a mail as it was sent or delivered (`.eml`), and fetches nothing.
   *
   * @param mail its source; a text is taken as UTF-8. More than 30 MiB are not read
   * @throws TrackingError `INVALID_OPTIONS` for options that cannot be
   */
  async examineMail(
    mail: Uint8Array | string,
    options: Pick<DoctorOptions, 'only'> = {},
  ): Promise<DoctorReport> {
    const problems = problemsOf(options, MAIL_CODES);
    if (problems.length > 0) throw invalidOptions('the doctor', problems);
    const bytes = typeof mail === 'string' ? Buffer.from(mail) : mail;
    const parts = mailPartsOf(this.settings.base, this.settings.unsubscribeLinks());
    const { findings, examined } = await examineMail(bytes, parts);
    const isUnreadable = findings.some(({ code }) => code === 'MAIL_UNREADABLE');
    // What cannot be read was not examined, whatever was asked for.
    const isWanted = (code: DoctorCode) =>
      (options.only?.includes(code) ?? true) || (isUnreadable && code === 'MAIL_UNREADABLE');
    return {
      findings: worstFirst(findings.filter(({ code }) => isWanted(code))),
      examined: examined.filter(isWanted),
    };
  }

  private async examineNow(options: DoctorOptions): Promise<DoctorReport> {
    const { base } = this.settings;
    const problems: Problem[] = [];
    const bases = this.bases(problems);
    if (bases.length === 0 && problems.length === 0) {
      const option = 'baseOpenTrackingUrl, baseClickTrackingUrl, baseUnsubscribeUrl';
      problems.push({ option, remedy: 'at least one is needed, because the doctor asks its host' });
    }
    problems.push(...problemsOf(options, NETWORK_CODES));
    if (!base.probes.canSeal) {
      problems.push({
        option: 'encryptionKey',
        remedy: 'is needed, because the probes of the doctor are sealed',
      });
    }
    if (problems.length > 0) throw invalidOptions('the doctor', problems);
    const { timeoutMs = DEFAULT_TIMEOUT_MS, only, allowPrivate = false, clientAddress } = options;
    const examination = new Examination(timeoutMs, only);
    await examineNetwork(examination, {
      bases,
      probes: base.probes,
      pixel: base.options.pixel,
      network: this.network,
      allowPrivate,
      clientAddress,
    });
    return examination.report();
  }

  /** @param problems takes those of base URLs that cannot be asked */
  private bases(problems: Problem[]): Base[] {
    const { options } = this.settings.base;
    const { urlJoin, appendSlash } = options;
    const given = [
      ['click', 'baseClickTrackingUrl'],
      ['open', 'baseOpenTrackingUrl'],
      ['unsubscribe', 'baseUnsubscribeUrl'],
    ] as const;
    return given.flatMap(([purpose, option]) => {
      const base = options[option];
      if (base === undefined) return [];
      const url = parseUrl(base);
      if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
        const remedy = 'must be an http: or https: URL, because the doctor asks its host';
        problems.push({ option, remedy });
        return [];
      }
      const join = purpose === 'unsubscribe' ? 'append' : urlJoin;
      const urlFor = (token: string) => joinTrackingUrl(base, token, join, appendSlash);
      return [{ purpose, url, urlFor }];
    });
  }
}

/** @param codes what this examination can find */
function problemsOf(
  { only, clientAddress, timeoutMs }: DoctorOptions,
  codes: Partial<Record<DoctorCode, object>>,
): Problem[] {
  const problems: Problem[] = [];
  if (only?.some((code) => !Object.hasOwn(DOCTOR_CODES, code))) {
    problems.push({ option: 'only', remedy: 'must list codes of docs/doctor.md' });
  } else if (only && !only.some((code) => Object.hasOwn(codes, code))) {
    const remedy = 'must have a code that this examination looks for: mails have their own';
    problems.push({ option: 'only', remedy });
  }
  if (clientAddress !== undefined && isIP(clientAddress) === 0) {
    problems.push({ option: 'clientAddress', remedy: 'must be an IP address' });
  }
  if (timeoutMs !== undefined && !(timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS)) {
    problems.push({ option: 'timeoutMs', remedy: `must be from 1 to ${MAX_TIMEOUT_MS}` });
  }
  return problems;
}
