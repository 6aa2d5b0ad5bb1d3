import { GMAIL_CLIPS_AT } from '../message/rewrite-warnings.js';
import type { DoctorEntry } from './doctor-entry.js';

/** What the doctor can find in a mail. */
export const MAIL_CODES = {
  MAIL_UNREADABLE: {
    severity: 'failed',
    expected: 'a whole mail (.eml) of at most 30 MiB with a part in HTML or plain text',
    remedy: 'Save the mail as its source ("Show original", "Download message") and try again.',
  },
  MAIL_NOT_TRACKED: {
    severity: 'warning',
    expected: 'a pixel or a link of this app',
    remedy:
      'Check that the mail goes through adaptMessage() or the Nodemailer plugin, that the base ' +
      'URLs are those of the app that sent it, and that its reader consented. Links in plain text ' +
      'need textTracking.',
  },
  LINKS_UNREADABLE: {
    severity: 'failed',
    expected: 'links that this app can read',
    remedy:
      'UNKNOWN_KEY: keep old keys behind the new one in encryptionKey. INVALID_TOKEN: the format, ' +
      'the context or the key is not that of the sender, or something on the way changed the ' +
      'links. UNSAFE_URL: allow the destination in redirect. Expired: raise maxAgeSeconds.',
  },
  WRAPPED_BY_PROVIDER: {
    severity: 'failed',
    expected: 'links of this app that no other service has wrapped',
    remedy: 'Switch off click tracking at the provider that sends the mail, or for this mail.',
  },
  WRAPPED_AFTER_DELIVERY: {
    severity: 'warning',
    expected: 'a mail as it was sent',
    remedy:
      'Examine the mail as it is sent, or a copy from a mailbox whose provider does not change links.',
  },
  SECOND_PIXEL: {
    severity: 'warning',
    expected: 'one pixel, that of this app',
    remedy:
      'Switch off open tracking at the provider that sends the mail, or use openTracking: false here.',
  },
  TEXT_NAMES_ANOTHER_HOST: {
    severity: 'warning',
    expected: 'words, or the host that the link leads to, as the text of a link',
    remedy: 'Filters take such links for phishing: write words, or the host of the destination.',
  },
  MAIL_CLIPPED_BY_GMAIL: {
    severity: 'warning',
    expected: `HTML of at most ${GMAIL_CLIPS_AT} bytes`,
    remedy:
      "Shorten the mail: Gmail hides the rest, and a pixel in it. pixelPosition: 'top' helps.",
  },
  DKIM_MISSING: {
    severity: 'warning',
    expected: 'a DKIM-Signature',
    remedy:
      'Sign mails with DKIM; a mail that was saved before it left your server may have none yet.',
  },
  DKIM_WITHOUT_LIST_HEADERS: {
    severity: 'failed',
    expected: 'a DKIM-Signature whose h= names List-Unsubscribe and List-Unsubscribe-Post',
    remedy:
      'Have both headers signed (RFC 8058): the Nodemailer plugin does it for its own signature; ' +
      'elsewhere add them to the list of signed headers.',
  },
  LIST_UNSUBSCRIBE_MALFORMED: {
    severity: 'failed',
    expected:
      'one List-Unsubscribe: <https://…> or <https://…>, <mailto:…>, and one ' +
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    remedy:
      'Take the headers as getListHeaders() returns them, once, and let nothing fold the URL.',
  },
  LIST_UNSUBSCRIBE_NOT_ONE_CLICK: {
    severity: 'warning',
    expected: 'List-Unsubscribe with an https URL, and List-Unsubscribe-Post (RFC 8058)',
    remedy:
      'Send mails of a list with unsubscribe: { list } of the Nodemailer plugin, or with getListHeaders().',
  },
} as const satisfies Record<string, DoctorEntry>;
