import { type Bag, isBag, listOf } from './mail-data.js';
import type { NodemailerMessage } from './plugin-options.js';
import type { DkimCoverage } from './tracking-outcome.js';

const LIST_HEADERS = ['List-Unsubscribe', 'List-Unsubscribe-Post'];

/** What Nodemailer 10 signs by default; the older versions sign all of it but `OTP-Token`. */
const DEFAULT_FIELDS =
  'From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:' +
  'Content-Transfer-Encoding:Content-ID:Content-Description:Resent-Date:Resent-From:' +
  'Resent-Sender:Resent-To:Resent-Cc:Resent-Message-ID:In-Reply-To:References:List-Id:List-Help:' +
  'List-Unsubscribe:List-Subscribe:List-Post:List-Owner:List-Archive:OTP-Token';

/**
 * Makes Nodemailer's DKIM signature cover both headers: by default it signs `List-Unsubscribe`
 * alone. The mail gets a copy of its own settings or the transporter's, with a longer list of
 * fields; neither of those objects is changed.
 */
export function coverListHeaders(mail: NodemailerMessage): DkimCoverage {
  const data = mail.data as { dkim?: unknown; _dkim?: unknown };
  const given = signerOf(mail);
  if (given === undefined) return 'unknown';
  // A transport may add settings for one mail in `_dkim`; those of the signer take precedence.
  const settings: Bag = { ...(isBag(data._dkim) ? data._dkim : {}), ...given };
  const fields = namesIn(settings.headerFieldNames);
  const listed = fields.length > 0 ? fields : namesIn(DEFAULT_FIELDS);
  const missing = LIST_HEADERS.filter((name) => !includes(listed, name));
  if (missing.length > 0) {
    data.dkim = { ...given, headerFieldNames: [...listed, ...missing].join(':') };
  }
  const skipped = namesIn(settings.skipFields);
  return LIST_HEADERS.some((name) => includes(skipped, name)) ? 'unsigned' : 'covered';
}

/** What Nodemailer signs a mail with: the settings of the mail go before the transporter's. */
function signerOf(mail: NodemailerMessage): Bag | undefined {
  const { mailer } = mail as NodemailerMessage & { mailer?: { options?: Bag } };
  const dkim = (mail.data as { dkim?: unknown }).dkim || mailer?.options?.dkim;
  if (!isBag(dkim)) return undefined;
  return listOf(dkim.keys || dkim.privateKey).length > 0 ? dkim : undefined;
}

/** The names of a list with colons. */
function namesIn(list: unknown): string[] {
  if (typeof list !== 'string') return [];
  return list
    .split(':')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function includes(names: readonly string[], name: string): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase());
}
