import { isBag, type MailData } from './mail-data.js';
import type { MailOptions, TrackedOptions } from './plugin-options.js';

/**
 * Sets the tracking options of one mail. Pass the result to `sendMail`; copies of it (`{ ...mail
 * }`) keep the options.
 *
 * @param mail the argument of `sendMail`; it is copied, not changed
 * @param options they take precedence over those of the plugin
 * @returns a mail of the same type. The options are in a member `tracking`, which the plugin
 *   removes before the mail is composed.
 * @example
 * ```ts
 * await transporter.sendMail(
 *   tracked({ to, subject, html }, { metadata: { order: 42 }, tags: ['receipt'] }),
 * );
 * ```
 */
export function tracked<Mail extends object>(mail: Mail, options: TrackedOptions = {}): Mail {
  const { tracking } = mail as MailData;
  return { ...mail, tracking: combineOptions(isOptions(tracking) ? tracking : {}, options) };
}

/** Takes the options of `tracked` off a mail, so that no transport sees them. */
export function takeOptions(data: MailData): TrackedOptions {
  const { tracking } = data;
  // A member of that name which is not ours is somebody else's business.
  if (!isOptions(tracking)) return {};
  delete data.tracking;
  return tracking;
}

/** The later options win; what is `undefined` was not given. */
export function combineOptions(first: TrackedOptions, second: TrackedOptions): TrackedOptions {
  const combined: TrackedOptions = { ...first, ...given(second) };
  if (isOptions(first.metadata) && isOptions(second.metadata)) {
    combined.metadata = { ...first.metadata, ...second.metadata };
  }
  if (isOptions(first.overrides) && isOptions(second.overrides)) {
    combined.overrides = { ...first.overrides, ...given(second.overrides) };
  }
  return combined;
}

/** Returns the options as the service takes them: without `unsubscribe` where it is `false`. */
export function toMailOptions({ unsubscribe, ...rest }: TrackedOptions): MailOptions {
  return unsubscribe === false || unsubscribe === undefined ? rest : { ...rest, unsubscribe };
}

function given<T extends object>(options: T): Partial<T> {
  const members = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as Partial<T>;
}

function isOptions(value: unknown): value is object {
  return isBag(value) && !Array.isArray(value);
}
