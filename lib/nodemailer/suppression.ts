import { TrackingError } from '../index.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { LimitedLog } from '../util/limited-log.js';
import type { LineLog } from '../util/log.js';
import { describeError } from './describe-error.js';
import { isBag } from './mail-data.js';
import type { MailSuppression, MailSuppressionOptions } from './plugin-options.js';
import type { Recipients } from './recipients.js';

/** How long a mail waits for the suppression store. */
const BUDGET_MS = 5_000;

/** Takes suppressed recipients off a mail. */
export class SuppressionStep {
  private readonly log: LimitedLog<'TrackingPlugin'>;

  constructor(
    private readonly options: MailSuppressionOptions,
    log: LineLog<'TrackingPlugin'>,
  ) {
    this.log = new LimitedLog(log);
  }

  /**
   * @param recipients who gets the mail; `undefined` if that cannot be told
   * @param list the list that the mail names
   * @returns the addresses that were taken off
   * @throws TrackingError `ALL_SUPPRESSED`, `SUPPRESSION_UNKNOWN`
   */
  async apply(
    recipients: Recipients | undefined,
    list: string | undefined,
  ): Promise<ReadonlySet<string>> {
    const addresses = recipients?.addresses ?? [];
    const suppressed = await this.among(recipients && addresses, list);
    if (suppressed.size === 0) return suppressed;
    const isAll = suppressed.size === addresses.length;
    if (isAll || this.options.onSuppressed === 'throw') throw allSuppressed(isAll);
    await recipients?.takeOff(suppressed);
    return suppressed;
  }

  /** @returns nobody if it is unknown, and the mail may go out nevertheless */
  private async among(
    addresses: string[] | undefined,
    list: string | undefined,
  ): Promise<ReadonlySet<string>> {
    if (addresses === undefined) {
      return unknownTo(list, this.log, 'its recipients cannot be read.', 'Write plain addresses.');
    }
    try {
      return addresses.length === 0 ? new Set() : await this.ask(addresses, list);
    } catch (error) {
      return unknownTo(list, this.log, describeError(error), 'Send it again later.');
    }
  }

  private async ask(addresses: string[], list: string | undefined): Promise<ReadonlySet<string>> {
    const scope = list === undefined ? {} : { list };
    const asked = this.options.service.filter(addresses, (address) => address, scope);
    const allowed: unknown = await withDeadline(asked, BUDGET_MS);
    if (allowed === LATE) throw unknown('The suppression store did not answer within 5 seconds.');
    if (!Array.isArray(allowed))
      throw unknown('The answer of the suppression store is not a list.');
    const left = new Set<unknown>(allowed);
    return new Set(addresses.filter((address) => !left.has(address)));
  }
}

/** The problems of these options, for the error that lists all of them. */
export function problemsOf(options: MailSuppressionOptions): string[] {
  const { service, onSuppressed = 'skip' } = isBag(options) ? options : {};
  const problems: string[] = [];
  if (typeof (service as Partial<MailSuppression> | undefined)?.filter !== 'function') {
    problems.push('suppression.service: must have a method filter, as SuppressionService has');
  }
  if (onSuppressed !== 'skip' && onSuppressed !== 'throw') {
    problems.push("suppression.onSuppressed: must be 'skip' or 'throw'");
  }
  return problems;
}

function allSuppressed(isAll: boolean): TrackingError {
  return new TrackingError(
    'ALL_SUPPRESSED',
    isAll
      ? 'A mail is not sent: every recipient is suppressed. Do not send it again.'
      : "A mail is not sent: a recipient is suppressed, and onSuppressed is 'throw'. Send it " +
          "without that recipient, or set 'skip'.",
  );
}

/**
 * @returns nobody, for a mail that may go out nevertheless
 * @throws TrackingError `SUPPRESSION_UNKNOWN` for a mail of a list
 */
function unknownTo(
  list: string | undefined,
  log: LineLog<'TrackingPlugin'>,
  fact: string,
  remedy: string,
): ReadonlySet<string> {
  const why = `who is suppressed is unknown: ${fact}`;
  if (list !== undefined) throw unknown(`A mail of a list is not sent: ${why} ${remedy}`);
  log.write('SUPPRESSION_NOT_CHECKED', `A mail that names no list is sent: ${why}`);
  return new Set();
}

function unknown(message: string): TrackingError {
  return new TrackingError('SUPPRESSION_UNKNOWN', message);
}
