import type { DoctorEntry, DoctorSeverity } from './doctor-entry.js';
import { MAIL_CODES } from './mail-codes.js';
import { NETWORK_CODES } from './network-codes.js';

/** The codes of everything that the doctor can find. */
export const DOCTOR_CODES = { ...NETWORK_CODES, ...MAIL_CODES };

/** The code of something that the doctor can find. It stays the same between releases. */
export type DoctorCode = keyof typeof DOCTOR_CODES;

/** Something that is wrong, or may be. */
export interface DoctorFinding {
  /** What was found. */
  code: DoctorCode;
  /** `'failed'` if links or numbers are wrong, `'warning'` if they may be. */
  severity: DoctorSeverity;
  /** What was seen, without keys and tokens. */
  seen: string;
  /** What was expected instead. */
  expected: string;
  /** What to do about it. */
  remedy: string;
  /** Where the documentation explains it. */
  link: string;
}

/** What an examination found. */
export interface DoctorReport {
  /** What is wrong, the worst first; empty if all is well. */
  findings: DoctorFinding[];
  /** The codes that were looked for. */
  examined: DoctorCode[];
}

/** Puts what has failed in front of warnings. */
export function worstFirst(findings: readonly DoctorFinding[]): DoctorFinding[] {
  const rank = ({ severity }: DoctorFinding) => (severity === 'failed' ? 0 : 1);
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

const MAX_SEEN = 300;

/**
 * Makes a finding.
 *
 * @param seen what was seen; it may hold what a stranger sent
 * @param place where it was seen, in words of the configuration
 */
export function finding(code: DoctorCode, seen: string, place?: string): DoctorFinding {
  const { severity, expected, remedy }: DoctorEntry = DOCTOR_CODES[code];
  return {
    code,
    severity,
    seen: (place === undefined ? '' : `${place}: `) + harmless(seen),
    expected,
    remedy,
    link: `docs/doctor.md#${code.toLowerCase()}`,
  };
}

/** Cuts what a stranger sent, and takes out what may be a token and what a terminal would obey. */
function harmless(seen: string): string {
  const text = seen.replace(/[\w-]{40,}/g, '…').replace(/\p{C}/gu, '?');
  return text.length > MAX_SEEN ? `${text.slice(0, MAX_SEEN)}…` : text;
}
