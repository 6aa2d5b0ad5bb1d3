import { setTimeout as sleep } from 'node:timers/promises';
import {
  DOCTOR_CODES,
  finding,
  type DoctorCode,
  type DoctorFinding,
  worstFirst,
} from './finding.js';
import { Patience, TimeOver } from './patience.js';

/** How far apart requests start: 11 of them take more than a second, in which a process answers 10. */
const GAP_MS = 115;

/** How long all requests may take. */
const TOTAL_MS = 60_000;

/** What was found so far, and how long it may go on. */
export class Examination {
  readonly findings: DoctorFinding[] = [];
  readonly durations: number[] = [];
  readonly patience: Patience;
  private readonly examined = new Set<DoctorCode>();
  private readonly found = new Set<string>();
  private lastRequest = -Infinity;

  /** @param only the codes that are looked for; all without it */
  constructor(
    timeoutMs: number,
    private readonly only: readonly DoctorCode[] | undefined,
    totalMs = TOTAL_MS,
  ) {
    this.patience = new Patience(timeoutMs, totalMs);
  }

  /** Returns true if one of these codes is looked for, and remembers that it was. */
  looksFor(...codes: DoctorCode[]): boolean {
    const wanted = codes.filter((code) => this.isWanted(code));
    for (const code of wanted) this.examined.add(code);
    return wanted.length > 0;
  }

  /**
   * Adds a finding, once for each place, if it was asked for.
   *
   * @param hidden the codes that cannot be looked for because of it: also added if one was asked for
   */
  addIfWanted(
    code: DoctorCode,
    place: string,
    seen: string,
    hidden: readonly DoctorCode[] = [],
  ): void {
    if (this.isWanted(code) || hidden.some((other) => this.isWanted(other))) {
      this.addAlways(code, place, seen);
    }
  }

  /** Adds a finding that hides all others of its place, whatever was asked for. */
  addAlways(code: DoctorCode, place: string, seen: string): void {
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
  async waitForTurn(): Promise<void> {
    const wait = this.lastRequest + GAP_MS - performance.now();
    if (wait > 0) await sleep(wait);
    if (this.patience.leftMs <= 0) throw new TimeOver();
    this.lastRequest = performance.now();
  }

  private isWanted(code: DoctorCode): boolean {
    return this.only?.includes(code) ?? true;
  }

  report() {
    const codes = Object.keys(DOCTOR_CODES) as DoctorCode[];
    return {
      findings: worstFirst(this.findings),
      examined: codes.filter((code) => this.examined.has(code)),
    };
  }
}
