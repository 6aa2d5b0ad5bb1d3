/**
 * The tables of the `packed` format, as `docs/link-format.md` lists them. Links in inboxes depend on
 * each number, so none is ever given another meaning. Fields and URL starts can be added, since
 * readers skip fields they do not know; anything else takes a new version byte.
 */

/** Starts of a destination; the field number is 0x10 plus the place in this list. */
export const URL_STARTS = ['', 'https://', 'https://www.', 'http://', 'http://www.'] as const;

/** The top-level fields. A reader skips the numbers that it does not know. */
export const FIELD = {
  url: 0x01,
  metadata: 0x02,
  messageId: 0x03,
  recipient: 0x04,
  tags: 0x05,
  linkIndex: 0x06,
  linkCount: 0x07,
  linkLabel: 0x08,
  part: 0x09,
  webhookUrl: 0x0a,
  webhookTimeoutSeconds: 0x0b,
  // 0x0c is the number that the test vectors use for an unknown field.
  trackedLinkCount: 0x0d,
  isUnsubscribeLink: 0x0e,
  /** 1 for an anonymous link. A reader takes any other number for the same. */
  mode: 0x0f,
  /** Plus the place of the start in {@link URL_STARTS}. */
  urlWithStart: 0x10,
  list: 0x20,
} as const;

/** The first byte of every value. */
export const TAG = {
  null: 0x00,
  false: 0x01,
  true: 0x02,
  float: 0x03,
  natural: 0x04,
  negative: 0x05,
  lowerUuid: 0x06,
  upperUuid: 0x07,
  array: 0x08,
  object: 0x09,
  utf8: 0x0a,
  compact: 0x0b,
  utf16: 0x0c,
  /** 0x10 to 0x1f: an object of 0 to 15 members. */
  smallObject: 0x10,
  /** 0x20 to 0x3f: the integers 0 to 31. */
  smallNatural: 0x20,
  /** 0x40 to 0x7f: compact text of 0 to 63 units. */
  smallCompact: 0x40,
  /** 0x80 to 0xbf: UTF-8 of 0 to 63 bytes. */
  smallUtf8: 0x80,
  /** 0xc0 to 0xff: a word of {@link WORDS}. */
  word: 0xc0,
} as const;

/** Unit 63 of compact text: the next letter is upper-case. Unit 62 is not used yet. */
export const SHIFT = 63;

/** Units 0 to 61 of compact text. */
export const COMPACT_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789/.-_=&?%:#+,~@!\'()*;$[]| "';

/** Texts that metadata is often made of, mostly its keys: one byte each. */
export const WORDS = [
  ...['customer_id', 'user_id', 'message_id', 'campaign', 'campaign_id', 'id', 'recipient'],
  ...['recipient_id', 'email', 'list', 'list_id', 'template', 'template_id', 'tags', 'tag', 'type'],
  ...['source', 'medium', 'content', 'name', 'locale', 'language', 'country', 'tenant'],
  ...['tenant_id', 'account_id', 'organization_id', 'order_id', 'invoice_id', 'subscription_id'],
  ...['newsletter', 'newsletter_id', 'segment', 'variant', 'version', 'link_id', 'utm_source'],
  ...['utm_medium', 'utm_campaign', 'utm_content', 'utm_term', 'customerId', 'userId'],
  ...['messageId', 'campaignId', 'recipientId', 'templateId', 'tenantId', 'accountId', 'orderId'],
  ...['contact_id', 'contactId', 'subscriber_id', 'batch_id', 'job_id', 'send_id', 'mail_id'],
  ...['date', 'key', 'value', 'environment', 'production', 'staging', 'test'],
] as const;
