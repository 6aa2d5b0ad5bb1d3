import type { DoctorEntry } from './doctor-entry.js';

/** What the doctor can find in a mail. */
export const MAIL_CODES = {
  WRAPPED_BY_PROVIDER: {
    severity: 'failed',
    expected: 'links of this app that no other service has wrapped',
    remedy: 'Switch off click tracking at the provider that sends the mail, or for this mail.',
  },
} as const satisfies Record<string, DoctorEntry>;
