import { Injectable } from '@nestjs/common';
import type { Person, RecipientStore } from 'nestjs-email-tracking';
import { spellingsOf } from '../privacy/spellings.js';
import { SentMails } from './sent-mails.js';

/** More than anybody gets here. */
const MAX_MAILS = 10_000;

/** Lets `PrivacyService` reach the app's own table: the package knows only its own. */
@Injectable()
export class SentRecipients implements RecipientStore {
  readonly name = 'sent mails';
  readonly unreachable = [
    'mails that were delivered: here, the inbox on the page Mail, which plays the readers',
  ];

  constructor(private readonly mails: SentMails) {}

  async *export(person: Person): AsyncGenerator<Record<string, unknown>> {
    for (const mail of await this.mails.of(spellingsOf(person.address), MAX_MAILS))
      yield { ...mail };
  }

  /** Nothing is counted by this table. */
  anonymise(): Promise<void> {
    return Promise.resolve();
  }

  async erase(person: Person): Promise<void> {
    await this.mails.forget(spellingsOf(person.address));
  }
}
