import type { Metadata } from '../link/link-payload.js';
import { isPrivacyMode, type PrivacyKind, type PrivacyMode } from '../link/privacy-mode.js';

/** What a {@link ConsentResolver} is asked. */
export interface ConsentQuestion {
  /** The address, as the caller wrote it or as the link carries it. */
  recipient: string;
  /** Whether it is about the pixel or about links. */
  kind: PrivacyKind;
  /** Whether a mail is being written, or one that was sent before is being read. */
  when: 'send' | 'hit';
  /** The Message-ID of the mail, if it is known. An answer must not depend on it: it is used for other mails. */
  messageId: string | null;
  /** The metadata of the mail or link. An answer must not depend on it either. */
  metadata: Metadata;
  /** The `context` of the links; `null` if there is none. */
  tenant: string | null;
}

/** An answer: a mode, or `null` for somebody who was not asked. */
export type ConsentAnswer = PrivacyMode | null;

/**
 * Says how much of a recipient may be recorded. Provide one under {@link TRACKING_CONSENT}. It is asked
 * when a mail is written and again for every hit, within `responseBudgetMs`, and an answer is used for
 * 10 seconds: so a withdrawal reaches mails that were sent before. An answer can only narrow what a link
 * allows.
 *
 * @example
 * ```ts
 * @Injectable()
 * class Consents implements ConsentResolver {
 *   constructor(private readonly users: UserService) {}
 *
 *   async resolve({ recipient, kind }: ConsentQuestion) {
 *     const user = await this.users.byEmail(recipient);
 *     if (!user) return null;
 *     return user.allowsMeasuring[kind] ? 'identified' : 'anonymous';
 *   }
 * }
 *
 * @Global()
 * @Module({
 *   providers: [Consents, { provide: TRACKING_CONSENT, useExisting: Consents }],
 *   exports: [TRACKING_CONSENT],
 * })
 * class ConsentModule {}
 * ```
 */
export interface ConsentResolver {
  /** Answers one question. An error, a late answer and an unknown mode count as `privacy.onFailure`. */
  resolve(question: ConsentQuestion): ConsentAnswer | Promise<ConsentAnswer>;

  /**
   * Answers many questions at once, in their order, for mails to many recipients.
   *
   * @default `resolve` is called for each
   */
  resolveMany?(
    questions: readonly ConsentQuestion[],
  ): readonly ConsentAnswer[] | Promise<readonly ConsentAnswer[]>;
}

/** Returns true for a mode, and for `null`. */
export function isAnswer(answer: unknown): boolean {
  return answer === null || isPrivacyMode(answer);
}

/** The injection token of the app's {@link ConsentResolver}. */
export const TRACKING_CONSENT = 'nestjs-email-tracking:consent';
