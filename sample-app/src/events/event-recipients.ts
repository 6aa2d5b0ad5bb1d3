import { Injectable } from '@nestjs/common';
import type { Person, RecipientStore } from 'nestjs-email-tracking';
import { spellingsOf } from '../privacy/spellings.js';
import { EventLog } from './event-log.js';

/** Lets `PrivacyService` reach the list of events: a handler that keeps something must do that itself. */
@Injectable()
export class EventRecipients implements RecipientStore {
  readonly name = 'event list';
  readonly unreachable = ['events that are shown in a browser now, until the page is loaded again'];

  constructor(private readonly log: EventLog) {}

  async *export(person: Person): AsyncGenerator<Record<string, unknown>> {
    for (const event of this.log.of(spellingsOf(person.address)))
      yield await Promise.resolve({ ...event });
  }

  /** The list counts nothing. */
  anonymise(): Promise<void> {
    return Promise.resolve();
  }

  erase(person: Person): Promise<void> {
    this.log.forget(spellingsOf(person.address));
    return Promise.resolve();
  }
}
