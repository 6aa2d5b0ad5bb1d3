import { setTimeout as sleep } from 'node:timers/promises';
import { DOCTOR_CODES, finding, type DoctorCode, type DoctorFinding } from './finding.js';

/** How far apart requests start: 11 of them take more than a second, in which a process answers 10. */
const GAP_MS = 115;

/** How long all requests may take. */
const TOTAL_MS = 60_000;

/** The time for everything is over. */
export class TimeOver extends Error {}

/** What was found so far, and how long it may go on. */
export class Examination {
  readonly findings: DoctorFinding[] = [];
  readonly durations: number[] = [];
  private readonly examined = new Set<DoctorCode>();
  private readonly found = new Set<string>();
  private readonly start = performance.now();
  private lastRequest = -Infinity;

  /** @param only the codes that are looked for; all without it */
  constructor(
    readonly timeoutMs: number,
    private readonly only: readonly DoctorCode[] | undefined,
  ) {}

  /** Returns true if one of these codes is looked for, and remembers that it was. */
  looksFor(...codes: DoctorCode[]): boolean {
    const wanted = codes.filter((code) => this.only?.includes(code) ?? true);
    for (const code of wanted) this.examined.add(code);
    return wanted.length > 0;
  }

  /** Adds a finding, once for each place. */
  add(code: DoctorCode, place: string, seen: string): void {
    if (this.only && !this.only.includes(code)) return;
    this.need(code, place, seen);
  }

  /** Adds a finding that keeps from looking for others, whether it was asked for or not. */
  need(code: DoctorCode, place: string, seen: string): void {
    this.examined.add(code);
    const key = `${code} ${place}`;
    if (this.found.has(key)) return;
    this.found.add(key);
    this.findings.push(finding(code, seen, place));
  }

  has(code: DoctorCode): boolean {
    return this.findings.some((found) => found.code === code);
  }

  /** Waits until the next request may start. @throws TimeOver */
  async turn(): Promise<void> {
    const wait = this.lastRequest + GAP_MS - performance.now();
    if (wait > 0) await sleep(wait);
    this.lastRequest = performance.now();
    if (this.lastRequest - this.start > TOTAL_MS) throw new TimeOver();
  }

  report() {
    const codes = Object.keys(DOCTOR_CODES) as DoctorCode[];
    return {
      findings: worstFirst(this.findings),
      examined: codes.filter((code) => this.examined.has(code)),
    };
  }
}

/** Puts what has failed in front of warnings. */
export function worstFirst(findings: readonly DoctorFinding[]): DoctorFinding[] {
  const rank = ({ severity }: DoctorFinding) => (severity === 'failed' ? 0 : 1);
  return findings.toSorted((a, b) => rank(a) - rank(b));
}
