import { isBag, isStream, listOf, type MailData } from './mail-data.js';

/**
 * Watches the streams of a mail until Nodemailer does. A stream that fails while nobody listens
 * would end the process; without this plugin, Nodemailer listens from the beginning.
 */
export class StreamGuard {
  /** The first failure. The mail cannot be sent any more. */
  error?: Error;
  private readonly streams: NodeJS.ReadableStream[];
  private readonly listener = (error: Error): void => {
    this.error ??= error;
  };

  constructor(data: MailData) {
    const parts = [data.html, data.text, data.watchHtml, data.amp, data.raw, data.icalEvent];
    this.streams = [...parts, ...listOf(data.attachments), ...listOf(data.alternatives)]
      .flatMap((part) => (isBag(part) ? [part, part.content, part.raw] : []))
      .filter(isStream);
    for (const stream of this.streams) stream.on('error', this.listener);
  }

  release(): void {
    for (const stream of this.streams) stream.removeListener('error', this.listener);
  }
}
