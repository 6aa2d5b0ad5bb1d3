import type { ConsentResolver } from './consent-resolver.js';

/** A mail, as far as it is known, of somebody who may have been erased. */
export interface MailOfRecipient {
  recipient: string;
  messageId: string | null;
  /** When its link was sealed; `null` where that is not known. */
  sentAt: Date | null;
  /** Who reports it: a link of ours, or a provider. */
  source: 'link' | 'esp';
}

/** A withdrawal by the page of an unsubscribe link. */
export interface PageWithdrawal {
  recipient: string;
  /** The `context` of the link; `null` if it has none. */
  tenant: string | null;
}

/** The injection token of the {@link PrivacyRegister}. */
export const PRIVACY_REGISTER = 'nestjs-email-tracking:privacy-register';

/** Who consented to what, and who was erased: what `./privacy` offers to the core. */
export interface PrivacyRegister extends ConsentResolver {
  /** Returns true if an event of a mail must name nobody, because its recipient was erased since. */
  isErased(mail: MailOfRecipient): boolean | Promise<boolean>;

  /** Stores that somebody does not want to be measured. Rejects if it is not stored. */
  withdrawByPage(withdrawal: PageWithdrawal): Promise<void>;
}
