/** An enhanced status code (RFC 3463) that is not part of an IP address or of another number. */
const STATUS = /(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?!\.?\d)/;

/** How much of a text is looked at. */
const TEXT_LENGTH = 2000;

/** Returns the first enhanced status code of a failure in a text, such as `5.1.1`. */
export function statusOf(text: string | null): string | undefined {
  return typeof text === 'string' ? STATUS.exec(text.slice(0, TEXT_LENGTH))?.[0] : undefined;
}
