/** Whom an unsubscribe link is for. */
export interface UnsubscribeSubject {
  /** The address that gets the mail, at most 320 characters. */
  recipient: string;
  /** The list to leave, in 1 to 128 characters: one of `unsubscribe.lists`, if these are set. */
  list: string;
  /** The Message-ID of the mail. */
  messageId?: string;
  /** When the link is made, in whole seconds. Default: now. */
  sentAt?: Date;
}

/** What {@link ListHeaders} are made of. */
export interface ListSubject extends UnsubscribeSubject {
  /** The id of the list (RFC 2919), such as `news.example.com`. Default: no `List-Id`. */
  listId?: string;
}

/** The headers that let a mail program unsubscribe its reader (RFC 2369, RFC 8058, RFC 2919). */
export interface ListHeaders {
  /** The https URL in angle brackets, and the `mailto:` URL if there is one. */
  'List-Unsubscribe': string;
  /** Always `List-Unsubscribe=One-Click`. */
  'List-Unsubscribe-Post': string;
  /** The id of the list in angle brackets. */
  'List-Id'?: string;
}
