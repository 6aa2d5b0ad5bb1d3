import { TrackingError } from '../index.js';
import { TrackingLog } from '../util/log.js';
import type { Whom } from './consent-step.js';
import { describeError } from './describe-error.js';
import type { MailData } from './mail-data.js';
import { takeXTrack, type XTrack } from './mail-headers.js';
import { givenMessageId, singleRecipient } from './mail-identity.js';
import { accessOf, resolveContent } from './mail-message.js';
import { MailRewriter, trackerFor } from './mail-rewriter.js';
import type {
  MailOptions,
  MailTracker,
  NodemailerMessage,
  TrackedOptions,
  TrackingPlugin,
  TrackingPluginDefaults,
} from './plugin-options.js';
import { Recipients } from './recipients.js';
import { StreamGuard } from './stream-guard.js';
import { problemsOf, SuppressionStep } from './suppression.js';
import { combineOptions, takeOptions, toMailOptions } from './tracked.js';
import type { Tracking, TrackingOutcome } from './tracking-outcome.js';
import { UnsubscribeStep } from './unsubscribe-step.js';

/** As much as a part of a mail may well be; most servers refuse a mail of 25 MB. */
const DEFAULT_MAX_PART_BYTES = 10 * 1024 * 1024;

/**
 * Creates a plugin that tracks every mail of a transporter: it replaces links and adds a pixel,
 * like `TrackingService.adaptMessage`. It works with Nodemailer 6 to 10, and with everything that
 * accepts Nodemailer's plugins. Use it for the step `compile`, after plugins that render templates.
 *
 * HTML, text and AMP may be strings, Buffers, streams, `{ path }`, `{ href }` and `{ content }`.
 * `watchHtml` and `alternatives` are not changed, even those of type `text/html`. Mails that must
 * not be changed are sent as they are; `onOutcome` gets the reason. A failure of the tracking never
 * stops a mail: it is sent untracked, and the failure is logged without addresses or tokens. The
 * header `X-Track: none | opens | clicks` turns tracking off, or restricts it, for one mail, and is
 * removed.
 *
 * A mail that names a list (`unsubscribe`) gets the headers of one-click unsubscribe, also if it is
 * sent untracked, and Nodemailer's DKIM signature covers them. With `suppression`, suppressed
 * recipients are taken off first, and `sendMail` rejects with a `TrackingError` of the code
 * `ALL_SUPPRESSED` or `SUPPRESSION_UNKNOWN` where a mail must not be sent. Then the consent of everybody
 * who is left is asked, and the narrowest modes hold for the mail.
 *
 * @param tracking the service of the module, or a `Tracker` of it
 * @param defaults the options of every mail; use `tracked` for those of a single mail
 * @returns the plugin for `transporter.use('compile', …)`
 * @throws TrackingError `INVALID_OPTIONS`, `INVALID_METADATA` if the defaults cannot be used
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
  const { onOutcome, maxPartBytes = DEFAULT_MAX_PART_BYTES, suppression, ...options } = defaults;
  checkDefaults(tracking, options, { onOutcome, maxPartBytes, suppression });
  const log = new TrackingLog('TrackingPlugin');
  const rewriter = new MailRewriter(tracking, options.privacy);
  const unsubscribeStep = new UnsubscribeStep(tracking, log);
  const suppressionStep = suppression && new SuppressionStep(suppression, log);

  let hasWarned = false;
  const warnOfTemplate = (): void => {
    if (hasWarned) return;
    hasWarned = true;
    log.write(
      'TEMPLATE_NOT_RENDERED',
      'A mail is sent untracked: it has a template and no HTML yet. Register this plugin after ' +
        'the one that renders templates.',
    );
  };

  const track = async (
    mail: NodemailerMessage,
    given: MailOptions,
    xTrack: XTrack,
    whom: Whom,
  ): Promise<Tracking> => {
    const data: MailData = mail.data;
    const messageId = given.messageId ?? givenMessageId(data);
    try {
      const done = await rewriter.rewrite(data, given, xTrack, whom, {
        maxBytes: maxPartBytes,
        access: accessOf(mail),
        resolve: (part) => resolveContent(mail, part),
      });
      if (done.report !== undefined) return { tracked: true, ...done };
      if (done.reason === 'no-content' && data.template) warnOfTemplate();
      return { tracked: false, reason: done.reason, messageId };
    } catch (error) {
      log.write('REWRITE_FAILED', `A mail is sent untracked: ${describeError(error)}`);
      return { tracked: false, reason: 'failed', messageId };
    }
  };

  /** @throws TrackingError if the mail must not be sent */
  const prepare = async (mail: NodemailerMessage): Promise<TrackingOutcome> => {
    const xTrack = takeXTrack(mail.data);
    if (xTrack.isUnknown) {
      log.write(
        'X_TRACK_INVALID',
        'A mail is sent untracked: its X-Track header must be none, opens or clicks.',
      );
    }
    const given = toMailOptions(combineOptions(options, takeOptions(mail.data)));
    const { unsubscribe: list } = given;
    const recipients = suppressionStep || list ? await Recipients.of(mail) : undefined;
    const gone = (await suppressionStep?.apply(recipients, list?.list)) ?? NOBODY;
    const addresses = recipients?.addresses ?? [];
    const left = gone.size === 0 ? given : withKnownRecipient(given, addresses);
    const whom: Whom = {
      only: list && addresses.length === 1 ? addresses[0] : undefined,
      find: async () => (recipients ? addresses : addressesToAsk(mail)),
    };
    const tracked = await track(mail, left, xTrack, whom);
    const headers = unsubscribeStep.apply(mail, left, tracked, addresses);
    return { ...tracked, ...headers, suppressed: gone.size };
  };

  const tell = async (outcome: TrackingOutcome, mail: NodemailerMessage): Promise<void> => {
    try {
      // It is typed as returning nothing, which lets an async function in.
      await (onOutcome?.(outcome, mail) as unknown);
    } catch (error) {
      log.write('HOOK_FAILED', `onOutcome failed: ${describeError(error)}`);
    }
  };

  return (mail, callback) => {
    if (isHandled(mail)) return callback();
    const guard = new StreamGuard(mail.data);
    void prepare(mail).then(
      (outcome) => {
        void tell(outcome, mail);
        guard.release();
        handBack(callback, guard.error);
      },
      // The guard stays: nobody else will watch the streams of a mail that is not sent.
      (refusal: Error) => callback(refusal),
    );
  };
}

/** The members of a mail are read by the same rules as those of the defaults, only later. */
function checkDefaults(
  tracking: MailTracker,
  options: TrackedOptions,
  {
    onOutcome,
    maxPartBytes,
    suppression,
  }: Pick<TrackingPluginDefaults, 'onOutcome' | 'maxPartBytes' | 'suppression'>,
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
  if (![undefined, true, false].includes(options.requireUnsubscribe)) {
    problems.push('requireUnsubscribe: must be true or false');
  }
  if (suppression !== undefined) problems.push(...problemsOf(suppression));
  if (problems.length > 0) {
    throw new TrackingError(
      'INVALID_OPTIONS',
      `The tracking plugin cannot be used: ${problems.join('; ')}.`,
    );
  }
  const { overrides, requireUnsubscribe: _required, ...rest } = toMailOptions(options);
  trackerFor(tracking, overrides).adaptMessage(rest);
}

const NOBODY: ReadonlySet<string> = new Set();

/** Who gets a mail: one plain address, as in most mails, or all that Nodemailer reads in its fields. */
async function addressesToAsk(mail: NodemailerMessage): Promise<readonly string[] | undefined> {
  const single = singleRecipient(mail.data);
  return single === undefined ? (await Recipients.of(mail))?.addresses : [single];
}

/**
 * Once somebody was taken off, the recipient that was named for the links may be the one who is gone,
 * in whatever spelling. It stays only if it is an address that gets the mail.
 */
function withKnownRecipient(options: MailOptions, addresses: readonly string[]): MailOptions {
  const { recipient, ...rest } = options;
  const isLeft = addresses.some((address) => address.toLowerCase() === recipient?.toLowerCase());
  return isLeft ? options : rest;
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
