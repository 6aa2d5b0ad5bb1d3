import { LRUCache } from 'lru-cache';
import { addressKey } from '../util/address-key.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { andThen, isPromise } from '../util/is-promise.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import type { ConsentProviders } from './consent-providers.js';
import { type ConsentAnswer, type ConsentQuestion, isAnswer } from './consent-resolver.js';

/** How long an answer is used, in milliseconds. */
const FRESH_MS = 10_000;

/** Of how many recipients answers are kept. */
const MAX_RECIPIENTS = 50_000;

/** How many answers are kept of one recipient: of each tenant that writes to them. */
const MAX_ANSWERS = 64;

/** Counts of answers that could not be used, since the process started. */
export interface ConsentCounts {
  /** The resolver did not answer in time. */
  late: number;
  /** The resolver threw or rejected. */
  failed: number;
  /** The resolver answered something that is no mode. */
  invalid: number;
}

/** There is no answer that can be used. */
export const NO_ANSWER = Symbol('no answer');

/** What came of a question. */
export type Answered = ConsentAnswer | typeof NO_ANSWER;

interface Kept {
  at: number;
  answer: Answered | Promise<Answered>;
}

/**
 * Asks who consented to what, and uses an answer for 10 seconds. Inject it to forget an answer at
 * once, or to read the counts.
 *
 * @example
 * ```ts
 * await this.users.withdraw(user.id);
 * this.consents.forget(user.email);
 * ```
 */
export class TrackingConsents {
  private readonly tally: ConsentCounts = { late: 0, failed: 0, invalid: 0 };
  /** Answers of each recipient, by what was asked. */
  private readonly kept = new LRUCache<string, Map<string, Kept>>({
    // By size, because by number it would take its room at once.
    maxSize: MAX_RECIPIENTS,
    sizeCalculation: () => 1,
  });
  private readonly log = new LimitedLog(new TrackingLog('TrackingConsents'));

  /** @internal */
  constructor(
    private readonly providers: Pick<ConsentProviders, 'resolver' | 'lookAgain'>,
    private readonly budgetMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A copy of the counts. */
  get counts(): ConsentCounts {
    return { ...this.tally };
  }

  /** Forgets the answers about a recipient, so that the next mail or hit asks again. */
  forget(recipient: string): void {
    this.kept.delete(nameOf(recipient));
  }

  /**
   * Looks again for somebody to ask: a module was loaded later.
   *
   * @internal
   */
  lookAgain(): void {
    this.providers.lookAgain();
  }

  /**
   * Whether there is somebody to ask.
   *
   * @internal
   */
  get isAsking(): boolean {
    return this.providers.resolver !== undefined;
  }

  /**
   * Returns the answer to one question: at once if it is known. Never throws and never rejects.
   *
   * @internal
   */
  ask(question: ConsentQuestion): Answered | Promise<Answered> {
    const { resolver } = this.providers;
    if (!resolver) return null;
    const known = this.known(question);
    if (known) return known.answer;
    return this.keep(
      question,
      this.askNow(() => resolver.resolve(question)),
    );
  }

  /**
   * Returns the answers to many questions, in their order. Never rejects.
   *
   * @internal
   */
  async askAll(questions: readonly ConsentQuestion[]): Promise<Answered[]> {
    const { resolver } = this.providers;
    if (!resolver?.resolveMany) return Promise.all(questions.map(async (one) => this.ask(one)));
    const asked = new Map<string, Answered | Promise<Answered>>();
    const unknown = questions.filter((question) => {
      const known = this.known(question);
      const name = wholeNameOf(question);
      const isNew = !known && !asked.has(name);
      if (!asked.has(name)) asked.set(name, known?.answer ?? NO_ANSWER);
      return isNew;
    });
    if (unknown.length > 0) {
      const all = this.askNow(() => resolver.resolveMany!(unknown), isListFor(unknown));
      unknown.forEach((question, i) => {
        const one = andThen(all, (list) =>
          Array.isArray(list) ? this.checked(list[i]) : NO_ANSWER,
        );
        // From this call and not from what is kept, which may be fewer.
        asked.set(wholeNameOf(question), this.keep(question, one));
      });
    }
    return Promise.all(questions.map(async (one) => asked.get(wholeNameOf(one))!));
  }

  /**
   * Returns the answer to a question, if it is there.
   *
   * @internal
   */
  peek(question: ConsentQuestion): Answered | undefined {
    const answer = this.known(question)?.answer;
    return isPromise(answer) ? undefined : answer;
  }

  private known(question: ConsentQuestion): Kept | undefined {
    const kept = this.kept.get(nameOf(question.recipient))?.get(keyOf(question));
    return kept && this.now() - kept.at < FRESH_MS ? kept : undefined;
  }

  /** One question about a recipient at a time: who asks meanwhile waits for the same answer. */
  private keep(
    question: ConsentQuestion,
    answer: Answered | Promise<Answered>,
  ): Answered | Promise<Answered> {
    const name = nameOf(question.recipient);
    const answers = this.kept.get(name) ?? new Map<string, Kept>();
    const key = keyOf(question);
    const kept: Kept = { at: this.now(), answer };
    answers.delete(key);
    answers.set(key, kept);
    if (answers.size > MAX_ANSWERS) answers.delete(answers.keys().next().value!);
    this.kept.set(name, answers);
    if (!isPromise(answer)) {
      if (answer === NO_ANSWER) answers.delete(key);
      return answer;
    }
    void answer.then((settled) => {
      kept.at = this.now();
      kept.answer = settled;
      // A failure is asked again by the next mail or hit.
      if (settled === NO_ANSWER && answers.get(key) === kept) answers.delete(key);
    });
    return answer;
  }

  /** @param isRight what an answer must be; by default a mode or `null` */
  private askNow<T>(
    ask: () => T | Promise<T>,
    isRight: (answer: unknown) => boolean = isAnswer,
  ): T | typeof NO_ANSWER | Promise<T | typeof NO_ANSWER> {
    const check = (answer: T) => (isRight(answer) ? answer : this.invalid());
    try {
      const answer = ask();
      if (!isPromise(answer)) return check(answer);
      return withDeadline(Promise.resolve(answer), this.budgetMs).then(
        (settled) => (settled === LATE ? this.late() : check(settled)),
        (error: unknown) => this.failed(error),
      );
    } catch (error) {
      return this.failed(error);
    }
  }

  private checked(answer: unknown): Answered {
    return isAnswer(answer) ? (answer as ConsentAnswer) : this.invalid();
  }

  private late(): typeof NO_ANSWER {
    this.tally.late++;
    this.log.write(
      'CONSENT_LATE',
      `The consent of a recipient was not answered within responseBudgetMs (${this.budgetMs} ms); ` +
        'privacy.onFailure holds instead.',
    );
    return NO_ANSWER;
  }

  private failed(error: unknown): typeof NO_ANSWER {
    this.tally.failed++;
    const name = error instanceof Error ? error.name : typeof error;
    this.log.write(
      'CONSENT_FAILED',
      `The consent resolver failed (${name}); privacy.onFailure holds instead.`,
    );
    return NO_ANSWER;
  }

  private invalid(): typeof NO_ANSWER {
    this.tally.invalid++;
    this.log.write(
      'CONSENT_INVALID',
      "The consent resolver answered no mode; privacy.onFailure holds instead. Return 'off', " +
        "'anonymous', 'deliverability', 'identified' or null.",
    );
    return NO_ANSWER;
  }
}

/** Addresses that are compared as one are one recipient. */
function nameOf(recipient: string): string {
  return addressKey(recipient) ?? recipient;
}

function wholeNameOf(question: ConsentQuestion): string {
  return `${keyOf(question)}\n${nameOf(question.recipient)}`;
}

function keyOf({ kind, when, tenant }: ConsentQuestion): string {
  return `${kind} ${when} ${tenant ?? ''}`;
}

function isListFor(questions: readonly unknown[]): (answer: unknown) => boolean {
  return (answer) => Array.isArray(answer) && answer.length === questions.length;
}
