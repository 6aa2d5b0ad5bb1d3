/** Leaves out who must not be written to. The suppression module provides one. */
export interface SuppressedRecipients {
  /** Returns the items that may be written to, in their order. @param options the list of the mail */
  filter<T>(
    items: Iterable<T>,
    addressOf: (item: T) => string,
    options: { list?: string },
  ): Promise<T[]>;
}

/** The injection token of the {@link SuppressedRecipients}. */
export const SUPPRESSED_RECIPIENTS = 'nestjs-email-tracking:suppressed-recipients';
