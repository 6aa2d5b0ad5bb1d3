import { checkMetadata } from '../link/json-value.js';
import { CompiledHtml, judgeHtml } from './compiled-html.js';
import type { CompiledPart } from './compiled-part.js';
import { compileText, judgeText } from './compiled-text.js';
import type { RewritingTools } from './link-rules.js';
import { shareOptOuts } from './link-sharing.js';
import {
  type AdaptOptions,
  checkAdaptOptions,
  checkContent,
  checkMessage,
  checkRecipient,
  type MessageInput,
  type MessageRecipient,
} from './message-options.js';
import { holdsPgp } from './pgp.js';
import type { AdaptedMessage, RewriteReport } from './rewrite-report.js';
import { SIGNED_OR_ENCRYPTED, warningsOf } from './rewrite-warnings.js';

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
 * @throws TrackingError `INVALID_OPTIONS`, with every problem in one message; `INVALID_METADATA`
 */
export function compileMessage(message: MessageInput, tools: RewritingTools): CompiledMessage {
  checkMessage(message);
  const mail = new CompiledMail(ownCopy(message), tools);
  return Object.freeze({
    render(recipient: MessageRecipient = {}): AdaptedMessage {
      checkRecipient(recipient);
      return mail.render(recipient);
    },
  });
}

/**
 * Rewrites a mail: compile and render in one.
 *
 * @param message the parts of the mail, and what to do to them
 * @throws TrackingError `INVALID_OPTIONS`, or what sealing a link throws (`INVALID_METADATA`)
 * @example
 * ```ts
 * const { html, report } = adaptMessage({ html: mail, messageId: '<1@example.com>' }, tools);
 * ```
 */
export function adaptMessage(message: MessageInput, tools: RewritingTools): AdaptedMessage {
  return compileMessage(message, tools).render();
}

/**
 * Rewrites the links of an HTML mail and adds a pixel; every other character stays as it is.
 *
 * @param html a document or a fragment
 * @param options what to do, and what the links carry
 * @throws TrackingError `INVALID_OPTIONS`, or what sealing a link throws (`INVALID_METADATA`)
 */
export function adaptHtml(
  html: string,
  options: AdaptOptions | undefined,
  tools: RewritingTools,
): string {
  checkContent('html', html);
  checkAdaptOptions(options ?? {});
  return new CompiledMail({ ...options, html }, tools).render({}).html!;
}

/**
 * Rewrites the links of a text without markup; every other character stays as it is.
 *
 * @param text the text part of a mail
 * @param options what to do, and what the links carry
 * @throws TrackingError `INVALID_OPTIONS`, or what sealing a link throws (`INVALID_METADATA`)
 */
export function adaptText(
  text: string,
  options: AdaptOptions | undefined,
  tools: RewritingTools,
): string {
  checkContent('text', text);
  checkAdaptOptions(options ?? {});
  const textTracking = options?.textTracking ?? true;
  return new CompiledMail({ ...options, textTracking, text }, tools).render({}).text!;
}

/** A mail whose options were checked. */
class CompiledMail {
  readonly #message: MessageInput;
  readonly #tools: RewritingTools;
  readonly #isProtected: boolean;
  readonly #html: CompiledHtml | undefined;
  readonly #text: CompiledPart | undefined;

  constructor(message: MessageInput, tools: RewritingTools) {
    const { html, text, textTracking = false } = message;
    this.#message = message;
    this.#tools = tools;
    this.#isProtected = holdsPgp(html) || holdsPgp(text);
    if (this.#isProtected) return;
    const ofHtml = html === undefined ? undefined : judgeHtml(html, message, tools);
    const ofText =
      text === undefined || !textTracking ? undefined : judgeText(text, message, tools);
    if (ofHtml) {
      const links = shareOptOuts(ofHtml.links, ofText?.links ?? []);
      this.#html = new CompiledHtml({ ...ofHtml, links }, message, tools);
    }
    if (ofText) {
      const links = shareOptOuts(ofText.links, ofHtml?.links ?? []);
      this.#text = compileText({ ...ofText, links }, tools);
    }
  }

  render(given: MessageRecipient): AdaptedMessage {
    const message = this.#message;
    const recipient = combine(message, given);
    const html = this.#html?.render(recipient);
    const text = this.#text?.render(recipient);
    const report: RewriteReport = {
      links: [...(html?.links ?? []), ...(text?.links ?? [])],
      pixel: html?.pixel === 'placed' ? this.#html!.pixel : 'none',
      bytes: this.#bytes(html?.bytes),
      warnings: [],
    };
    if (this.#isProtected) report.warnings.push(SIGNED_OR_ENCRYPTED);
    else {
      report.warnings = warningsOf({
        report,
        clickTracking: message.clickTracking !== false && (html ?? text) !== undefined,
        isPixelTooLong: html?.pixel === 'too-long',
        shownHosts: this.#html?.shownHosts ?? NONE,
        suspects: [...(this.#html?.suspects ?? []), ...(this.#text?.suspects ?? [])],
        hasAmp: message.amp !== undefined,
      });
      this.#tools.onRendered?.(recipient, report);
    }
    const adapted: AdaptedMessage = { report };
    if (message.html !== undefined) adapted.html = html?.content ?? message.html;
    if (message.text !== undefined) adapted.text = text?.content ?? message.text;
    if (message.amp !== undefined) adapted.amp = message.amp;
    return adapted;
  }

  #bytes(after: number | undefined): RewriteReport['bytes'] {
    const before = this.#html?.bytes ?? Buffer.byteLength(this.#message.html ?? '');
    return { before, after: after ?? before };
  }
}

const NONE: ReadonlyMap<number, string> = new Map();

/** What the caller goes on with must not change what was compiled. */
function ownCopy(message: MessageInput): MessageInput {
  const { metadata, tags } = message;
  return {
    ...message,
    ...(metadata && { metadata: structuredClone(checkMetadata(metadata)) }),
    ...(tags && { tags: [...tags] }),
  };
}

function combine(options: AdaptOptions, recipient: MessageRecipient): MessageRecipient {
  return {
    metadata: recipient.metadata ?? options.metadata,
    messageId: recipient.messageId ?? options.messageId,
    recipient: recipient.recipient ?? options.recipient,
    tags: recipient.tags ?? options.tags,
  };
}
