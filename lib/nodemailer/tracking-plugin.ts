import { isNativeError } from 'node:util/types';
import { Logger } from '@nestjs/common';
import { isTrackingError, TrackingError } from '../index.js';
import { type Bag, isBag, isStream, listOf, type MailData } from './mail-data.js';
import { takeXTrack } from './mail-headers.js';
import { givenMessageId } from './mail-identity.js';
import type { Access, PartName } from './mail-part.js';
import { MailRewriter, trackerFor } from './mail-rewriter.js';
import type {
  MailTracker,
  NodemailerMessage,
  TrackedOptions,
  TrackingPlugin,
  TrackingPluginDefaults,
} from './plugin-options.js';
import { combineOptions, takeOptions } from './tracked.js';
import type { TrackingOutcome } from './tracking-outcome.js';

/** As much as a part of a mail may well be; most servers refuse a mail of 25 MB. */
const DEFAULT_MAX_PART_BYTES = 10 * 1024 * 1024;

/**
 * Creates a plugin that tracks every mail of a transporter: it replaces links and adds a pixel,
 * like `TrackingService.adaptMessage`. It works with Nodemailer 6 to 10, and with everything that
 * accepts Nodemailer's plugins. Use it for the step `compile`, after plugins that render templates.
 *
 * HTML, text and AMP may be strings, Buffers, streams, `{ path }`, `{ href }` and `{ content }`.
 * `watchHtml` and `alternatives` are not changed, even those of type `text/html`. Mails that must
 * not be changed are sent as they are; `onOutcome` gets the reason. A failure never stops a mail:
 * it is sent untracked, and the failure is logged without addresses or tokens. The header `X-Track:
 * none | opens | clicks` turns tracking off, or restricts it, for one mail, and is removed.
 *
 * @param tracking the service of the module, or a `Tracker` of it
 * @param defaults the options of every mail; use `tracked` for those of a single mail
 * @returns the plugin for `transporter.use('compile', …)`
 * @throws TrackingError `INVALID_OPTIONS` if the defaults cannot be used
 * @example
 * ```ts
 * transporter.use('compile', trackingPlugin(trackingService, { tags: ['newsletter'] }));
 * await transporter.sendMail(tracked({ to, subject, html }, { metadata: { issue: 7 } }));
 * ```
 */
export function trackingPlugin(
  tracking: MailTracker,
  defaults: TrackingPluginDefaults = {},
): TrackingPlugin {
  const { onOutcome, maxPartBytes = DEFAULT_MAX_PART_BYTES, ...options } = defaults;
  checkDefaults(tracking, options, { onOutcome, maxPartBytes });
  const logger = new Logger('TrackingPlugin');
  const rewriter = new MailRewriter(tracking);

  let hasWarned = false;
  const warnOfTemplate = (): void => {
    if (hasWarned) return;
    hasWarned = true;
    logger.warn(
      'A mail is sent untracked: it has a template and no HTML yet. Register this plugin after ' +
        'the one that renders templates.',
    );
  };

  const track = async (mail: NodemailerMessage): Promise<TrackingOutcome> => {
    const data: MailData = mail.data;
    let messageId: string | null = null;
    try {
      const xTrack = takeXTrack(data);
      if (xTrack.isUnknown) {
        logger.warn('A mail is sent untracked: its X-Track header must be none, opens or clicks.');
      }
      const combined = combineOptions(options, takeOptions(data));
      messageId = combined.messageId ?? givenMessageId(data);
      const done = await rewriter.rewrite(data, combined, xTrack, {
        maxBytes: maxPartBytes,
        access: accessOf(mail),
        resolve: (part) => resolveContent(mail, part),
      });
      if (done.report !== undefined) return { tracked: true, ...done };
      if (done.reason === 'no-content' && data.template) warnOfTemplate();
      return { tracked: false, reason: done.reason, messageId };
    } catch (error) {
      logger.error(`A mail is sent untracked: ${describe(error)}`);
      return { tracked: false, reason: 'failed', messageId };
    }
  };

  const tell = async (outcome: TrackingOutcome, mail: NodemailerMessage): Promise<void> => {
    try {
      // It is typed as returning nothing, which lets an async function in.
      await (onOutcome?.(outcome, mail) as unknown);
    } catch (error) {
      logger.error(`onOutcome failed: ${describe(error)}`);
    }
  };

  return (mail, callback) => {
    if (isHandled(mail)) return callback();
    const guard = new StreamGuard(mail.data);
    void track(mail).then((outcome) => {
      void tell(outcome, mail);
      guard.release();
      handBack(callback, guard.error);
    });
  };
}

/**
 * Watches the streams of a mail until Nodemailer does. A stream that fails while nobody listens
 * would end the process; without this plugin, Nodemailer listens from the beginning.
 */
class StreamGuard {
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

/** The members of a mail are read by the same rules as those of the defaults, only later. */
function checkDefaults(
  tracking: MailTracker,
  options: TrackedOptions,
  { onOutcome, maxPartBytes }: Pick<TrackingPluginDefaults, 'onOutcome' | 'maxPartBytes'>,
): void {
  const problems: string[] = [];
  for (const name of ['messageId', 'recipient'] as const) {
    if (options[name] !== undefined)
      problems.push(`${name}: pass it to tracked() for each mail instead`);
  }
  if (onOutcome !== undefined && typeof onOutcome !== 'function') {
    problems.push('onOutcome: must be a function');
  }
  if (!Number.isSafeInteger(maxPartBytes) || maxPartBytes! < 0) {
    problems.push('maxPartBytes: must be a whole number of bytes');
  }
  if (problems.length > 0) {
    throw new TrackingError(
      'INVALID_OPTIONS',
      `The tracking plugin cannot be used: ${problems.join('; ')}.`,
    );
  }
  const { overrides, ...rest } = options;
  trackerFor(tracking, overrides).adaptMessage(rest);
}

const HANDLED = Symbol.for('nestjs-email-tracking.handled');

/**
 * Whether this mail went through the plugin before, registered twice by mistake. The second time
 * would not see what the first one took off: `X-Track`, for one.
 */
function isHandled(mail: object): boolean {
  if (HANDLED in mail) return true;
  Object.defineProperty(mail, HANDLED, { value: true });
  return false;
}

/**
 * Lets Nodemailer go on. Its older versions throw there if they cannot compose the mail, which
 * without this plugin reaches the caller of `sendMail`; out of a promise it would end the process.
 */
function handBack(callback: (error?: Error | null) => void, error: Error | undefined): void {
  try {
    callback(error);
  } catch (thrown) {
    callback(thrown as Error);
  }
}

/**
 * Access that is closed by the mail, the transporter or its defaults stays closed. Nodemailer 6
 * lets a mail open again what the defaults close, and its way for plugins knows no limits at all.
 */
function accessOf(mail: NodemailerMessage): Access {
  const { mailer } = mail as NodemailerMessage & { mailer?: { options?: Bag; _defaults?: Bag } };
  const places = [mail.data as Bag, mailer?.options, mailer?._defaults];
  const isOpen = (flag: string) => !places.some((place) => isBag(place) && Boolean(place[flag]));
  return { files: isOpen('disableFileAccess'), urls: isOpen('disableUrlAccess') };
}

interface ContentResolver {
  resolveContent(
    data: object,
    key: string,
    callback: (error: Error | null, value?: unknown) => void,
  ): unknown;
}

function resolveContent(mail: NodemailerMessage, part: PartName): Promise<unknown> {
  return new Promise((resolve, reject) => {
    (mail as NodemailerMessage & ContentResolver).resolveContent(
      mail.data,
      part,
      (error, value) => {
        if (error) reject(error);
        else resolve(value);
      },
    );
  });
}

/** Without the message of a foreign error: that may hold a path, a URL or an address. */
function describe(error: unknown): string {
  if (isTrackingError(error)) return `${error.code}: ${error.message}`;
  if (!isNativeError(error)) return 'the value thrown is not an Error.';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${error.name} (${code}).` : `${error.name}.`;
}
