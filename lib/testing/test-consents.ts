import type {
  ConsentAnswer,
  ConsentQuestion,
  ConsentResolver,
  PrivacyMode,
  PrivacyModes,
} from '../index.js';
import { addressKey } from '../util/address-key.js';

/** What somebody answers: one mode for opens and clicks, modes for each, or `null` if they were not asked. */
export type TestConsent = PrivacyMode | PrivacyModes | null;

/**
 * A {@link ConsentResolver} for tests, in memory. Provide it in the place of your own, under
 * `TRACKING_CONSENT`. Whom no answer was given for was not asked: `null`.
 *
 * @example
 * ```ts
 * const consents = new TestConsents();
 * const testing = await Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(TRACKING_CONSENT)
 *   .useValue(consents)
 *   .compile();
 *
 * consents.answer('ann@example.com', { opens: 'off', clicks: 'anonymous' });
 * ```
 */
export class TestConsents implements ConsentResolver {
  /** What was asked, in order. */
  readonly asked: ConsentQuestion[] = [];
  readonly #answers = new Map<string, TestConsent>();
  #state: 'answers' | 'fails' | 'hangs' = 'answers';

  /**
   * Sets what a recipient answers from now on, and ends `fail` and `hang`. The app remembers answers for
   * 10 seconds: call `forget(recipient)` of its `TrackingConsents` as well, or publish `tracking.consent`.
   *
   * @param answer of `{ opens, clicks }`, what is not given is `identified`
   */
  answer(recipient: string, answer: TestConsent): void {
    this.#answers.set(keyOf(recipient), answer);
    this.#state = 'answers';
  }

  /** Fails for everybody, until the next `answer`. */
  fail(): void {
    this.#state = 'fails';
  }

  /** Never answers for anybody, until the next `answer`. */
  hang(): void {
    this.#state = 'hangs';
  }

  /**
   * Answers as it was told.
   *
   * @throws Error after `fail`
   */
  resolve(question: ConsentQuestion): ConsentAnswer | Promise<ConsentAnswer> {
    this.asked.push(question);
    if (this.#state === 'fails') throw new Error('TestConsents.fail() was called');
    if (this.#state === 'hangs') return new Promise(() => undefined);
    const { recipient, kind } = question;
    const answer = this.#answers.get(keyOf(recipient)) ?? null;
    if (answer === null || typeof answer === 'string') return answer;
    return (kind === 'open' ? answer.opens : answer.clicks) ?? 'identified';
  }
}

function keyOf(recipient: string): string {
  return addressKey(recipient) ?? recipient;
}
