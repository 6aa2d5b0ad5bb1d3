import type { DoctorEntry } from './doctor-entry.js';

/** What the doctor can find at the base URLs. */
export const NETWORK_CODES = {
  BASE_URL_UNREACHABLE: {
    severity: 'failed',
    expected: 'an answer over HTTP from the host of each base URL',
    remedy:
      'Check DNS, the firewall, and that the app or its proxy listens at the host and port of the base URL.',
  },
} as const satisfies Record<string, DoctorEntry>;
