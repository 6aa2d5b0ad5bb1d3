import {
  type ConsentAnswer,
  type ConsentQuestion,
  type MailOfRecipient,
  type PageWithdrawal,
  type PrivacyRegister,
  TRACKING_CONSENT_CHANGED,
} from '../plugin.js';
import { checkRecipient, type Said, saidByPage } from './arguments.js';
import type { Answer } from './consent-store.js';
import { LaterMails } from './later-mails.js';
import type { PrivacyAccess } from './privacy-access.js';
import { Tombstones } from './tombstones.js';

/** How many hashes one query asks for. */
const PART = 1000;

/** Answers the core: who consented to what, and who was erased. */
export class ConsentRegister implements PrivacyRegister {
  readonly tombstones: Tombstones;
  private readonly laterMails: LaterMails;
  private isConnected = false;

  constructor(private readonly access: PrivacyAccess) {
    this.tombstones = new Tombstones(access);
    this.laterMails = new LaterMails(access, this.tombstones);
    // Not only in a hook: Nest runs none for modules that are loaded lazily.
    if (access.hasCore) this.connect();
  }

  /** Subscribes to the mails that are prepared. @throws TrackingError `INVALID_OPTIONS` without a core or key */
  connect(): void {
    if (this.isConnected) return;
    this.access.core.publisher.addSink(this.laterMails);
    // The app may be at work already, if this module is loaded lazily.
    this.access.core.consents?.lookAgain();
    this.isConnected = true;
  }

  async resolve(question: ConsentQuestion): Promise<ConsentAnswer> {
    const [answer] = await this.resolveMany([question]);
    return answer!;
  }

  async resolveMany(questions: readonly ConsentQuestion[]): Promise<ConsentAnswer[]> {
    const { keys } = this.access.core;
    const hashesOf = new Map<string, readonly string[]>();
    for (const { recipient } of questions) {
      if (hashesOf.has(recipient)) continue;
      hashesOf.set(
        recipient,
        keys.hashes(recipient).map(({ hash }) => hash),
      );
    }
    const answers = await this.answersOf([...new Set([...hashesOf.values()].flat())]);
    return questions.map(({ recipient, kind }) => {
      const all = hashesOf.get(recipient)!.flatMap((hash) => answers.get(hash) ?? []);
      return latest(all.filter((answer) => answer.kind === kind))?.mode ?? null;
    });
  }

  isErased(mail: MailOfRecipient): boolean | Promise<boolean> {
    const erasedAt = this.tombstones.of(mail.recipient);
    if (erasedAt === null) return false;
    return this.wasErased(mail, erasedAt);
  }

  async withdrawByPage({ recipient, tenant }: PageWithdrawal): Promise<void> {
    const kinds = ['open', 'click'] as const;
    const answers = await this.access.write((store) =>
      store.answers(this.access.core.keys.hashes(recipient).map(({ hash }) => hash)),
    );
    const isOff = kinds.every(
      (kind) => latest(answers.filter((answer) => answer.kind === kind))?.mode === 'off',
    );
    // Whoever has the link can press the button again and again.
    if (isOff) return;
    await this.append('withdrawByPage', recipient, saidByPage(tenant, this.access.now()));
  }

  /**
   * Stores what somebody said, then publishes it.
   *
   * @throws TrackingError `INVALID_OPTIONS` for what is no address
   * @throws TrackingError `NOT_STORED` if it is not stored within 5 seconds
   */
  async append(query: string, recipient: string, { row, isNow }: Said): Promise<void> {
    const { written } = checkRecipient(query, recipient);
    const { keys, publisher, consents } = this.access.core;
    const all = keys.hashes(recipient);
    const hashes = all.map(({ hash }) => hash);
    const at = await this.access.write((store) =>
      store.append(row, { hash: all[0]!, all: hashes, isNow }),
    );
    const { opens, clicks, source, tenant } = row;
    const timestamp = new Date(at);
    const event = { recipient: written, opens, clicks, source, tenant, timestamp };
    // The event alone does not do it in an app without EventEmitterModule, or before it has started.
    consents?.forget(written);
    publisher.emit(TRACKING_CONSENT_CHANGED, event);
  }

  private async wasErased(
    { messageId, sentAt, source }: MailOfRecipient,
    asked: number | Promise<number | null>,
  ): Promise<boolean> {
    const erasedAt = await asked;
    if (erasedAt === null) return false;
    if (source === 'esp') return !(await this.laterMails.isAfter(messageId, erasedAt));
    // A link holds whole seconds.
    return !(sentAt && Math.floor(sentAt.getTime() / 1000) > Math.floor(erasedAt / 1000));
  }

  private async answersOf(hashes: readonly string[]): Promise<Map<string, Answer[]>> {
    const found = new Map<string, Answer[]>();
    for (let from = 0; from < hashes.length; from += PART) {
      const part = hashes.slice(from, from + PART);
      for (const answer of await this.access.ask((store) => store.answers(part))) {
        found.set(answer.hash, [...(found.get(answer.hash) ?? []), answer]);
      }
    }
    return found;
  }
}

/** Of the answers under several keys, the one that was given last. */
function latest(answers: readonly Answer[]): Answer | undefined {
  return [...answers].sort((one, other) => other.at - one.at || other.order - one.order)[0];
}
