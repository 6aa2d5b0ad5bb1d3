import type { EventSink, PreparedEvent } from '../plugin.js';
import { codeOf } from '../sql/sql-client.js';
import type { PrivacyAccess } from './privacy-access.js';
import type { Tombstones } from './tombstones.js';
import { bareMessageId } from '../util/bare-message-id.js';

/** How long a note is kept, in milliseconds: no provider reports anything later. */
const KEPT_MS = 400 * 86_400_000;

/** The most mails that wait to be noted. */
const MAX_WAITING = 10_000;

/** How often old notes are removed, in milliseconds. */
const PRUNE_EVERY_MS = 3_600_000;

/**
 * Notes the mails to people who were erased and came back, as hashes of their message ids, so that what
 * a provider reports of them is not taken for something about an earlier mail.
 */
export class LaterMails implements EventSink {
  private waiting = 0;
  private prunedAt = -Infinity;

  constructor(
    private readonly access: PrivacyAccess,
    private readonly tombstones: Tombstones,
  ) {}

  accept(): void {}

  prepared({ recipient, messageId }: PreparedEvent): void {
    if (!recipient || !messageId) return;
    if (this.waiting >= MAX_WAITING) return this.logFailure('too many mails wait');
    this.waiting++;
    void this.note(recipient, messageId, this.access.now())
      .catch((error: unknown) => this.logFailure(codeOf(error) ?? 'the database does not answer'))
      .finally(() => this.waiting--);
  }

  /** Returns true if a mail is known to be prepared after a time. */
  async isAfter(messageId: string | null, erasedAt: number): Promise<boolean> {
    if (!messageId) return false;
    const { keys } = this.access.core;
    const hashes = keys.digests(bareMessageId(messageId.trim())).map(({ hash }) => hash);
    const at = await this.access.ask((store) => store.preparedAt(hashes));
    return at !== undefined && at > erasedAt;
  }

  private async note(recipient: string, messageId: string, now: number): Promise<void> {
    if ((await this.tombstones.of(recipient)) === null) return;
    const [hash] = this.access.core.keys.digests(bareMessageId(messageId.trim()), 1);
    await this.access.write((store) => store.noteMail(hash!, now));
    if (now - this.prunedAt < PRUNE_EVERY_MS) return;
    this.prunedAt = now;
    await this.access.write((store) => store.pruneMails(now - KEPT_MS));
  }

  private logFailure(why: string): void {
    this.access.log.write(
      'MAIL_NOT_NOTED',
      `A mail to somebody who may have been erased could not be noted (${why}), so what a provider ` +
        'reports of it can become anonymous.',
    );
  }
}
