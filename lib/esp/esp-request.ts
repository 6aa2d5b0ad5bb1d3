import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { unreadable } from './esp-refusal.js';
import { FormError, readForm, type FormFields } from '../util/form.js';
import { parseJson } from './parse-json.js';

/** A request as it was received. */
export interface ReceivedRequest {
  /** The HTTP method in upper case. */
  method: string;
  /** The path and query as received. */
  url: string;
  /** The headers, with lower-case names. */
  headers: IncomingHttpHeaders;
  /** The bytes of the body, decompressed. */
  body: Buffer;
  /** The URL as this host received it, without credentials. */
  seenUrl: string;
}

const LATIN1_TEXT = /^text\/.*;\s*charset="?(?:iso-8859-1|latin-?1|us-ascii)\b/i;

/** A request to a provider's route. Its body is parsed when it is first used, and only once. */
export class EspRequest implements ReceivedRequest {
  readonly method!: string;
  readonly url!: string;
  readonly headers!: IncomingHttpHeaders;
  readonly body!: Buffer;
  readonly seenUrl!: string;
  private parsedText: string | undefined;
  private parsedJson: { value: unknown } | undefined;
  private parsedForm: FormFields | undefined;

  /** @internal */
  constructor(
    received: ReceivedRequest,
    /** When it arrived, in milliseconds since 1970. */
    readonly now: number,
    private readonly maxMembers?: number,
  ) {
    Object.assign(this, received);
  }

  /** Returns a header. The values of a repeated header are joined with commas. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** The media type in lower case, without parameters; `''` if none is declared. */
  get mediaType(): string {
    return (this.header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
  }

  /**
   * Returns the body as text: UTF-8, or Latin-1 if a `text/` type says so (Amazon SNS).
   *
   * @throws TrackingError `ESP_PAYLOAD` if it is neither
   */
  text(): string {
    if (this.parsedText === undefined) {
      const isLatin1 = LATIN1_TEXT.test(this.header('content-type') ?? '');
      if (!isLatin1 && !isUtf8(this.body)) throw unreadable('The body is not UTF-8.');
      this.parsedText = this.body.toString(isLatin1 ? 'latin1' : 'utf8');
    }
    return this.parsedText;
  }

  /**
   * Returns the body parsed as JSON, whatever its declared type. Integers beyond 2^53 become
   * strings, so that no digit is lost.
   *
   * @throws TrackingError `ESP_PAYLOAD` if it is not JSON
   */
  json(): unknown {
    this.parsedJson ??= { value: parseJson(this.text(), this.maxMembers) };
    return this.parsedJson.value;
  }

  /**
   * Returns the body as the fields of a form, URL-encoded or multipart.
   *
   * @throws TrackingError `ESP_PAYLOAD` if it cannot be read as either
   */
  form(): FormFields {
    try {
      this.parsedForm ??= readForm(this.body, this.header('content-type') ?? '');
      return this.parsedForm;
    } catch (error) {
      throw error instanceof FormError ? unreadable(error.message) : error;
    }
  }
}
