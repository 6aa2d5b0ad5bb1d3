import { compileHtml } from './compiled-html.js';
import type { LinkSealer } from './link-rules.js';
import {
  type AdaptOptions,
  checkAdaptOptions,
  checkHtml,
  checkMessage,
  checkRecipient,
  type MessageInput,
  type MessageRecipient,
} from './message-options.js';
import type { AdaptedMessage, RewriteReport } from './rewrite-report.js';

/** A mail that was read and judged once, to be rendered for each recipient. */
export interface CompiledMessage {
  /**
   * The mail for one recipient.
   *
   * @param recipient what its links carry; what is not given here is taken from the options that
   * the mail was compiled with
   * @throws TrackingError `INVALID_OPTIONS`, or what sealing a link throws (`INVALID_METADATA`)
   */
  render(recipient?: MessageRecipient): AdaptedMessage;
}

/**
 * Reads a mail once. The result never changes, and is safe to share.
 *
 * @param message the parts of the mail, and what to do to them
 * @param sealer the writer of the links
 * @throws TrackingError `INVALID_OPTIONS`, with every problem in one message
 */
export function compileMessage(message: MessageInput, sealer: LinkSealer): CompiledMessage {
  checkMessage(message);
  const { html, text, ...options } = message;
  const compiled = html === undefined ? undefined : compileHtml(html, options, sealer);
  return Object.freeze({
    render(recipient: MessageRecipient = {}): AdaptedMessage {
      checkRecipient(recipient);
      const rendered = compiled?.render(combine(options, recipient));
      const adapted: AdaptedMessage = { report: rendered?.report ?? nothingDone() };
      if (rendered !== undefined) adapted.html = rendered.html;
      if (text !== undefined) adapted.text = text;
      return adapted;
    },
  });
}

/**
 * Rewrites a mail: compile and render in one.
 *
 * @param message the parts of the mail, and what to do to them
 * @param sealer the writer of the links
 * @throws TrackingError `INVALID_OPTIONS`, or what sealing a link throws (`INVALID_METADATA`)
 * @example
 * ```ts
 * const { html, report } = adaptMessage({ html: mail, messageId: '<1@example.com>' }, writer);
 * ```
 */
export function adaptMessage(message: MessageInput, sealer: LinkSealer): AdaptedMessage {
  return compileMessage(message, sealer).render();
}

/**
 * Rewrites the links of an HTML mail and adds a pixel; every other character stays as it is.
 *
 * @param html a document or a fragment
 * @param options what to do, and what the links carry
 * @param sealer the writer of the links
 * @throws TrackingError `INVALID_OPTIONS`, or what sealing a link throws (`INVALID_METADATA`)
 */
export function adaptHtml(
  html: string,
  options: AdaptOptions | undefined,
  sealer: LinkSealer,
): string {
  checkHtml(html);
  checkAdaptOptions(options ?? {});
  return compileHtml(html, options ?? {}, sealer).render(options ?? {}).html;
}

function combine(options: AdaptOptions, recipient: MessageRecipient): MessageRecipient {
  return {
    metadata: recipient.metadata ?? options.metadata,
    messageId: recipient.messageId ?? options.messageId,
    recipient: recipient.recipient ?? options.recipient,
    tags: recipient.tags ?? options.tags,
  };
}

function nothingDone(): RewriteReport {
  return { links: [], pixel: 'none', bytes: { before: 0, after: 0 }, warnings: [] };
}
