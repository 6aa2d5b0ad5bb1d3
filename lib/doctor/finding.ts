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

/** Makes a finding of what was seen. */
export function finding(code: DoctorCode, seen: string): DoctorFinding {
  const { severity, expected, remedy }: DoctorEntry = DOCTOR_CODES[code];
  return { code, severity, seen, expected, remedy, link: `docs/doctor.md#${code.toLowerCase()}` };
}
