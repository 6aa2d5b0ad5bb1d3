import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { unreadable } from './esp-refusal.js';
import { readForm, type EspForm } from './form.js';
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

/**
 * A request to a provider's route. Its body is parsed when it is first used, and only once.
 */
export class EspRequest implements ReceivedRequest {
  /** In capitals. */
  readonly method: string;
  /** Path and query as they were asked for. */
  readonly url: string;
  /** The headers, their names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The body as it was signed: its bytes, unpacked where it was compressed. */
  readonly body: Buffer;
  /** The URL as the client asked for it: of the host itself, without credentials. */
  readonly seenUrl: string;
  private parsedText: string | undefined;
  private parsedJson: { value: unknown } | undefined;
  private parsedForm: EspForm | undefined;

  /** @internal */
  constructor(
    received: ReceivedRequest,
    /** When it arrived, in milliseconds since 1970. */
    readonly now: number,
    private readonly maxMembers?: number,
  ) {
    this.method = received.method;
    this.url = received.url;
    this.headers = received.headers;
    this.body = received.body;
    this.seenUrl = received.seenUrl;
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
   * Returns the body as text.
   *
   * @throws TrackingError `ESP_PAYLOAD` if it is not UTF-8
   */
  text(): string {
    if (this.parsedText === undefined) {
      if (!isUtf8(this.body)) throw unreadable('The body is not UTF-8.');
      this.parsedText = this.body.toString();
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
  form(): EspForm {
    this.parsedForm ??= readForm(this.body, this.header('content-type') ?? '');
    return this.parsedForm;
  }
}
