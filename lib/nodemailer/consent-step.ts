import { narrowest, type PrivacyModes } from '../index.js';
import type { MailOptions, MailTracker } from './plugin-options.js';

/** Who gets a mail. */
export interface Whom {
  /** The one recipient, where the fields of the mail do not say it for certain. */
  only: string | undefined;
  /** Returns all of them; `undefined` if that cannot be told. */
  find: () => Promise<readonly string[] | undefined>;
}

/** Stands for a recipient who is not known: nobody is asked, and `privacy.onFailure.send` holds. */
const UNKNOWN = '';

/**
 * Returns how much a mail may record: at most what all its recipients allow, because they get the same
 * links, and what its own options allow.
 *
 * @param find who gets the mail
 * @throws TrackingError `INVALID_OPTIONS` for a `privacy` that is wrong
 */
export async function modesOfMail(
  tracker: MailTracker,
  { privacy, recipient, metadata }: MailOptions,
  messageId: string,
  find: Whom['find'],
): Promise<Required<PrivacyModes>> {
  // An unknown mode is an error here, as it is in adaptMessage.
  if (privacy !== undefined) tracker.adaptMessage({ privacy });
  if (!tracker.policiesFor) return narrowest([privacy]);
  const whom = new Set((await find()) ?? [UNKNOWN]);
  // Its links name them, whoever gets the mail.
  if (recipient !== undefined) whom.add(recipient);
  if (whom.size === 0) whom.add(UNKNOWN);
  const mail = metadata === undefined ? { messageId } : { messageId, metadata };
  const policies = await tracker.policiesFor([...whom], mail);
  return narrowest([privacy, ...policies.values()]);
}
