import { checkMetadata } from '../link/json-value.js';
import { narrowest } from '../link/privacy-mode.js';
import { TrackingError } from '../tracking.error.js';
import { TRACKING_CHANNELS } from '../util/diagnostics.js';
import { AnonymousContents } from './anonymous-contents.js';
import { CompiledPart, type ReadPart, type Rendering } from './compiled-part.js';
import type { RewritingContext, UnsubscribeWriter } from './link-rules.js';
import {
  type AdaptOptions,
  checkAdaptOptions,
  checkContent,
  checkMessage,
  checkRecipient,
  type MessageInput,
  type MessageRecipient,
} from './message-options.js';
import { readHtml, readText, withOptOutsOf } from './read-parts.js';
import type { AdaptedMessage, RewriteReport } from './rewrite-report.js';
import { SIGNED_OR_ENCRYPTED, warningsOf } from './rewrite-warnings.js';

/** A mail that was read once, to be rendered for each recipient. */
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

/** @throws TrackingError `INVALID_OPTIONS`, with every problem in one message; `INVALID_METADATA` */
export function compileMessage(message: MessageInput, context: RewritingContext): CompiledMessage {
  checkMessage(message);
  const mail = new CompiledMail(ownCopy(message), context);
  return Object.freeze({
    render(recipient: MessageRecipient = {}): AdaptedMessage {
      return told(() => {
        checkRecipient(recipient);
        return mail.render(recipient);
      });
    },
  });
}

export function adaptMessage(message: MessageInput, context: RewritingContext): AdaptedMessage {
  return told(() => {
    checkMessage(message);
    return new CompiledMail(ownCopy(message), context).render({});
  });
}

export function adaptHtml(
  html: string,
  options: AdaptOptions | undefined,
  context: RewritingContext,
): string {
  checkContent('html', html);
  checkAdaptOptions(options ?? {});
  return told(() => new CompiledMail({ ...options, html }, context).render({})).html!;
}

export function adaptText(
  text: string,
  options: AdaptOptions | undefined,
  context: RewritingContext,
): string {
  checkContent('text', text);
  checkAdaptOptions(options ?? {});
  const textTracking = options?.textTracking ?? true;
  return told(() => new CompiledMail({ ...options, textTracking, text }, context).render({})).text!;
}

/** Renders a mail, and publishes how that went if somebody listens. */
function told(render: () => AdaptedMessage): AdaptedMessage {
  const begun = TRACKING_CHANNELS.rewrite.begin();
  if (begun === undefined) return render();
  try {
    const adapted = render();
    const { links, pixel } = adapted.report;
    TRACKING_CHANNELS.rewrite.end(begun, {
      outcome: 'rewritten',
      links: links.length,
      trackedLinks: links.filter(({ tracked }) => tracked).length,
      pixel: pixel !== 'none',
    });
    return adapted;
  } catch (error) {
    const none = { links: 0, trackedLinks: 0, pixel: false };
    TRACKING_CHANNELS.rewrite.end(begun, { outcome: 'failed', ...none });
    throw error;
  }
}

/** A mail whose options were checked. */
class CompiledMail {
  readonly #message: MessageInput;
  readonly #context: RewritingContext;
  readonly #isProtected: boolean;
  readonly #html: CompiledPart | undefined;
  readonly #text: CompiledPart | undefined;
  readonly #unique: AnonymousContents;

  constructor(message: MessageInput, context: RewritingContext) {
    const { html, text, textTracking = false } = message;
    this.#message = message;
    this.#context = context;
    if (message.unsubscribe) writerOf(context).check(message.unsubscribe);
    this.#isProtected = holdsPgp(html) || holdsPgp(text);
    if (this.#isProtected) {
      this.#unique = new AnonymousContents([]);
      return;
    }
    const inHtml = html === undefined ? undefined : readHtml(html, message, context);
    const inText =
      text === undefined || !textTracking ? undefined : readText(text, message, context);
    const compile = (part?: ReadPart, other?: ReadPart) =>
      part && new CompiledPart(withOptOutsOf(other, part), context.sealer);
    this.#html = compile(inHtml, inText);
    this.#text = compile(inText, inHtml);
    this.#unique = new AnonymousContents([...(inHtml?.links ?? []), ...(inText?.links ?? [])]);
  }

  render(given: MessageRecipient): AdaptedMessage {
    const message = this.#message;
    const recipient = combine(message, given);
    const leaving = this.#isProtected ? undefined : this.#leavingOf(recipient);
    const rendering = { ...this.#renderingFor(recipient), unsubscribeUrl: leaving?.url };
    const html = this.#html?.render(rendering);
    const text = this.#text?.render(rendering);
    const report: RewriteReport = {
      links: [...(html?.links ?? []), ...(text?.links ?? [])],
      pixel: html === undefined || html.pixel === 'too-long' ? 'none' : html.pixel,
      bytes: this.#bytes(html?.bytes),
      warnings: [],
    };
    if (this.#isProtected) report.warnings.push(SIGNED_OR_ENCRYPTED);
    else {
      report.warnings = warningsOf({
        report,
        clickTracking:
          message.clickTracking !== false &&
          rendering.modes.clicks !== 'off' &&
          (html ?? text) !== undefined,
        isPixelTooLong: html?.pixel === 'too-long',
        links: [...(this.#html?.links ?? []), ...(this.#text?.links ?? [])],
        hasAmp: message.amp !== undefined,
        isWithoutWayOut: message.unsubscribe !== undefined && leaving === undefined,
        isUnique: this.#unique.isUnique(rendering),
      });
      this.#context.onRendered?.(rendering, report);
    }
    const adapted: AdaptedMessage = { report };
    if (message.html !== undefined) adapted.html = html?.content ?? message.html;
    if (message.text !== undefined) adapted.text = text?.content ?? message.text;
    if (message.amp !== undefined) adapted.amp = message.amp;
    if (leaving) adapted.headers = leaving.headers;
    return adapted;
  }

  #renderingFor(recipient: MessageRecipient): Rendering {
    const { sealer } = this.#context;
    const { privacy } = recipient;
    const modes = sealer.modesOf(privacy);
    const isWhole = modes.opens === 'identified' && modes.clicks === 'identified';
    const kept = isWhole ? '' : JSON.stringify(sealer.keptOf(recipient));
    return { recipient, modes, kept, variant: isWhole ? '' : `${sealer.day} ${kept}` };
  }

  #leavingOf({ recipient, messageId }: MessageRecipient) {
    const { unsubscribe } = this.#message;
    if (!unsubscribe || recipient === undefined) return undefined;
    const subject = { ...unsubscribe, recipient };
    return writerOf(this.#context).headersFor(
      messageId === undefined ? subject : { ...subject, messageId },
    );
  }

  #bytes(after: number | undefined): RewriteReport['bytes'] {
    const before = this.#html?.bytes ?? Buffer.byteLength(this.#message.html ?? '');
    return { before, after: after ?? before };
  }
}

/**
 * The first line of armoured and of clear-signed messages (RFC 9580, 6.2 and 7). A public key, which
 * some senders put below their mails, is neither.
 */
const PGP_LINE = /-----BEGIN PGP (?:SIGNED )?MESSAGE/;

/** A changed character would break what is signed or encrypted inside of a part. */
function holdsPgp(part: string | undefined): boolean {
  return part !== undefined && part.includes('BEGIN PGP ') && PGP_LINE.test(part);
}

function writerOf({ unsubscribing }: RewritingContext): UnsubscribeWriter {
  if (unsubscribing) return unsubscribing;
  throw new TrackingError('INVALID_OPTIONS', 'unsubscribe: needs the option baseUnsubscribeUrl');
}

/** What the caller goes on with must not change what was compiled. */
function ownCopy(message: MessageInput): MessageInput {
  const { metadata, tags, unsubscribe } = message;
  return {
    ...message,
    ...(metadata && { metadata: structuredClone(checkMetadata(metadata)) }),
    ...(tags && { tags: [...tags] }),
    ...(unsubscribe && { unsubscribe: { ...unsubscribe } }),
  };
}

function combine(options: AdaptOptions, recipient: MessageRecipient): MessageRecipient {
  return {
    metadata: recipient.metadata ?? options.metadata,
    messageId: recipient.messageId ?? options.messageId,
    recipient: recipient.recipient ?? options.recipient,
    tags: recipient.tags ?? options.tags,
    ...((options.privacy ?? recipient.privacy) && {
      privacy: narrowest([options.privacy, recipient.privacy]),
    }),
  };
}
