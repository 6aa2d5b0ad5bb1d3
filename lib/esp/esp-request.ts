import type { IncomingHttpHeaders } from 'node:http';
import { EspRefusal } from './esp-refusal.js';
import { readForm, type EspForm } from './form.js';
import { parseJson } from './parse-json.js';

/** What arrived, as far as it was read from the wire. */
export interface ReceivedRequest {
  /** In capitals. */
  method: string;
  /** Path and query as they were asked for. */
  url: string;
  /** The headers, their names in lower case. */
  headers: IncomingHttpHeaders;
  /** The body as it was signed: its bytes, unpacked where it was compressed. */
  body: Buffer;
  /** The URL as the client asked for it: of the host itself, without credentials. */
  seenUrl: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A request to a provider's route, its body unread until somebody asks for it in one form or
 * another, and then read once.
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
    /** When it arrived, in milliseconds. */
    readonly now: number,
    private readonly maxMembers?: number,
  ) {
    this.method = received.method;
    this.url = received.url;
    this.headers = received.headers;
    this.body = received.body;
    this.seenUrl = received.seenUrl;
  }

  /** A header that comes once; of a repeated one, the values with commas between them. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** The media type, in lower case and without parameters; `''` where none is declared. */
  get mediaType(): string {
    return (this.header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
  }

  /**
   * The body as text.
   *
   * @throws TrackingError `ESP_PAYLOAD` if it is not UTF-8
   */
  text(): string {
    if (this.parsedText === undefined) {
      try {
        this.parsedText = utf8.decode(this.body);
      } catch {
        throw new EspRefusal(400, 'ESP_PAYLOAD', 'The body is not UTF-8.');
      }
    }
    return this.parsedText;
  }

  /**
   * The body as JSON, whatever its declared type. Integers beyond 2^53 come as text, so that their
   * digits stay.
   *
   * @throws TrackingError `ESP_PAYLOAD` if it is not JSON
   */
  json(): unknown {
    this.parsedJson ??= { value: parseJson(this.text(), this.maxMembers) };
    return this.parsedJson.value;
  }

  /**
   * The body as the fields of a form, URL-encoded or multipart.
   *
   * @throws TrackingError `ESP_PAYLOAD` if it cannot be read as either
   */
  form(): EspForm {
    this.parsedForm ??= readForm(this.body, this.header('content-type') ?? '');
    return this.parsedForm;
  }
}
