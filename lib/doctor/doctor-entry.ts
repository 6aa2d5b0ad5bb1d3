/** How bad a finding is: links or numbers are wrong, or they may be. */
export type DoctorSeverity = 'failed' | 'warning';

/** What is known of a finding before it is found. */
export interface DoctorEntry {
  severity: DoctorSeverity;
  expected: string;
  remedy: string;
}
