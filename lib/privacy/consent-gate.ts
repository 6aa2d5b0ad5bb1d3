import type { HitHints } from '../event/event-classifier.js';
import type { RecordedHit } from '../event/event-privacy.js';
import {
  narrower,
  narrowest,
  type LinkPrivacy,
  type PrivacyKind,
  type PrivacyMode,
  type PrivacyModes,
} from '../link/privacy-mode.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { isPromise } from '../util/is-promise.js';
import type { ConsentProviders } from './consent-providers.js';
import type { ConsentQuestion } from './consent-resolver.js';
import { type Answered, NO_ANSWER, type TrackingConsents } from './consents.js';
import type { MailOfRecipient, PrivacyRegister } from './privacy-register.js';

/** What the gate needs of the options. */
export interface GateSettings {
  readonly privacy?: LinkPrivacy;
  readonly context?: string | undefined;
}

/** A mail that is about to be written. */
export interface MailToSend {
  /** Its Message-ID. */
  readonly messageId?: string | undefined;
  /** The metadata that its links carry. */
  readonly metadata?: ConsentQuestion['metadata'] | undefined;
}

/** Whether somebody was erased, as far as that is known. */
type Erased = boolean | typeof NO_ANSWER;

/** Stands for a recipient who is not known. */
const UNKNOWN = '';

const KINDS: Partial<Record<string, PrivacyKind>> = { opened: 'open', clicked: 'click' };

/** Decides how much may be recorded: at most what all of configuration, link, consent and erasures allow. */
export class ConsentGate {
  /** @param providers where the register of `./privacy` is */
  constructor(
    private readonly settings: GateSettings,
    private readonly consents: TrackingConsents,
    private readonly providers: Pick<ConsentProviders, 'register'>,
    private readonly budgetMs: number,
  ) {}

  /** The register of `./privacy`, if the app has it. */
  get register(): PrivacyRegister | undefined {
    return this.providers.register;
  }

  /**
   * Returns the modes of a mail to each recipient, in their order. Nobody is asked about a recipient who is
   * not known (`''`): that counts as no answer. Never rejects.
   */
  async modesAtSend(
    recipients: readonly string[],
    { messageId = undefined, metadata = {} }: MailToSend,
    { privacy, context }: GateSettings,
  ): Promise<Required<PrivacyModes>[]> {
    const most = narrowest([this.settings.privacy, privacy]);
    if (!this.consents.isAsking) return recipients.map(() => most);
    const known = recipients.filter((recipient) => recipient !== UNKNOWN);
    const mail = {
      when: 'send',
      messageId: messageId ?? null,
      metadata,
      tenant: context ?? null,
    } as const;
    const answers = await this.consents.askAll(
      known.flatMap((recipient) => [
        { ...mail, recipient, kind: 'open' },
        { ...mail, recipient, kind: 'click' },
      ]),
    );
    const failure = privacy?.onFailure?.send ?? this.failure('send');
    const modeOf = (answer: Answered) =>
      answer === null || answer === NO_ANSWER ? failure : answer;
    const modes = new Map(
      known.map((recipient, i) => [
        recipient,
        { opens: modeOf(answers[2 * i]!), clicks: modeOf(answers[2 * i + 1]!) },
      ]),
    );
    const unknown = { opens: failure, clicks: failure };
    return recipients.map((recipient) => narrowest([most, modes.get(recipient) ?? unknown]));
  }

  /**
   * Returns how much of a hit, or of another event, may be recorded: at once where nobody has to be asked.
   * Never throws and never rejects.
   *
   * @returns `undefined` for an event that is no hit, while the register of erasures does not answer
   */
  modeAtHit(
    hit: RecordedHit,
    hints: HitHints = {},
  ): PrivacyMode | undefined | Promise<PrivacyMode | undefined> {
    const kind = KINDS[hit.eventType];
    const ceiling = kind ? this.ceilingOf(kind, hit, hints) : 'identified';
    if (ceiling === 'off') return ceiling;
    // Nobody knows whom to ask about a hit that may be of somebody else.
    if (kind && isUncertain(hit) && this.consents.isAsking) {
      return this.meet(ceiling, NO_ANSWER, false, hit, hints);
    }
    const { recipient } = hit;
    // Of a link that names nobody, the mail decided when it was sent.
    if (recipient === null) return ceiling;
    const asked: Answered | Promise<Answered> = kind
      ? this.consents.ask(this.questionOf(kind, recipient, hit, hints))
      : null;
    const mail = mailOf(hit, recipient);
    // An anonymous event is one that an erased person may have, too.
    const isErased = () => (ceiling === 'anonymous' ? false : this.isErased(mail));
    const erased = isErased();
    if (!isPromise(asked) && !isPromise(erased))
      return this.meet(ceiling, asked, erased, hit, hints);
    return Promise.all<Answered | Erased>([asked, erased]).then(async ([answer]) =>
      // Once more: somebody may have been erased meanwhile, and the answer is there by now.
      this.meet(ceiling, answer as Answered, await isErased(), hit, hints),
    );
  }

  /** Returns the mode of a hit about which nobody answered in time. */
  modeIfLate(hit: RecordedHit, hints: HitHints = {}): PrivacyMode | undefined {
    const kind = KINDS[hit.eventType];
    if (!kind) return undefined;
    const ceiling = this.ceilingOf(kind, hit, hints);
    const late = this.meet(ceiling, NO_ANSWER, false, hit, hints)!;
    const { recipient } = hit;
    const known = recipient && this.consents.peek(this.questionOf(kind, recipient, hit, hints));
    // The answer may be there, and only the register of erasures is late.
    return known ? this.meet(late, known, false, hit, hints) : late;
  }

  /** Whether somebody was erased since a mail was sent. Rejects where that cannot be found out now. */
  async wasErased(hit: RecordedHit): Promise<boolean> {
    if (hit.recipient === null) return false;
    const erased = await this.isErased(mailOf(hit, hit.recipient));
    if (erased === NO_ANSWER) throw new Error('the register of erasures does not answer');
    return erased;
  }

  /** Whether the reader of a link that cannot be read may be recorded: nobody knows who it is. */
  mayRecordStrangers({ privacy }: HitHints = {}): boolean {
    const { opens, clicks } = narrowest([this.settings.privacy, privacy]);
    return opens === 'identified' && clicks === 'identified' && !this.consents.isAsking;
  }

  /** Returns the widest mode that the configuration and the link allow. */
  ceilingOf(kind: PrivacyKind, { result }: RecordedHit, { privacy }: HitHints = {}): PrivacyMode {
    const { opens, clicks } = narrowest([this.settings.privacy, privacy]);
    return ofKind(
      kind,
      narrower(kind === 'open' ? opens : clicks, result?.mode ?? 'identified', kind),
    );
  }

  private questionOf(
    kind: PrivacyKind,
    recipient: string,
    { messageId, metadata }: RecordedHit,
    { context = this.settings.context }: HitHints,
  ): ConsentQuestion {
    return { recipient, kind, when: 'hit', messageId, metadata, tenant: context ?? null };
  }

  private meet(
    ceiling: PrivacyMode,
    answer: Answered,
    erased: Erased,
    { eventType }: RecordedHit,
    { privacy }: HitHints,
  ): PrivacyMode | undefined {
    const kind = KINDS[eventType];
    const failure = privacy?.onFailure?.hit ?? this.failure('hit');
    let mode = ceiling;
    if (answer === NO_ANSWER) mode = narrower(mode, failure, kind);
    // Who was not asked is judged by the link, which says what the mail was sent with.
    else if (answer !== null) mode = narrower(mode, answer, kind);
    mode = ofKind(kind, mode);
    if (erased === true) return narrower(mode, 'anonymous', kind);
    if (erased !== NO_ANSWER) return mode;
    return kind && ofKind(kind, narrower(mode, failure, kind));
  }

  private isErased(mail: MailOfRecipient): Erased | Promise<Erased> {
    const { register } = this.providers;
    if (!register) return false;
    try {
      const erased = register.isErased(mail);
      if (!isPromise(erased)) return erased;
      return withDeadline(Promise.resolve(erased), this.budgetMs).then(
        (settled) => (settled === LATE ? NO_ANSWER : settled),
        () => NO_ANSWER,
      );
    } catch {
      return NO_ANSWER;
    }
  }

  private failure(when: 'send' | 'hit'): PrivacyMode {
    const { send = 'anonymous', hit = 'off' } = this.settings.privacy?.onFailure ?? {};
    return when === 'send' ? send : hit;
  }
}

/** A click of the mode `deliverability` is anonymous: only opens have a day that is kept. */
function ofKind(kind: PrivacyKind | undefined, mode: PrivacyMode): PrivacyMode {
  return kind === 'click' && mode === 'deliverability' ? 'anonymous' : mode;
}

/** Whether a provider does not say who it was, or names several people of whom it was one. */
function isUncertain({ source, recipient, recipientCertain }: RecordedHit): boolean {
  return source === 'esp' && (recipient === null || !recipientCertain);
}

function mailOf(
  { messageId, sentAt, source, result }: RecordedHit,
  recipient: string,
): MailOfRecipient {
  const day = result?.sentOn;
  return {
    recipient,
    messageId,
    sentAt: sentAt ?? (day === undefined ? null : new Date(day)),
    source,
  };
}
