import { Injectable } from '@nestjs/common';
import { TrackingService } from 'nestjs-email-tracking';
import { PrivacyService, type ConsentRecord } from 'nestjs-email-tracking/privacy';
import { SentMails, type StoredMail } from '../mail/sent-mails.js';
import { contentsOf, type MailContents } from './mail-contents.js';
import { spellingsOf } from './spellings.js';

/** How many records of a store are shown, and how many mails. */
const MAX_RECORDS = 12;
const MAX_MAILS = 5;

/** What a store keeps about a person. */
export interface Kept {
  store: string;
  /** The first ones. */
  records: Record<string, unknown>[];
  total: number;
}

/** All that the app knows about somebody. */
export interface Known {
  address: string;
  /** The oldest first. */
  history: ConsentRecord[];
  kept: Kept[];
  /** The latest first. */
  mails: { mail: StoredMail; contents: MailContents }[];
}

/** Asks all that keep something about a person. */
@Injectable()
export class People {
  constructor(
    private readonly privacy: PrivacyService,
    private readonly mails: SentMails,
    private readonly tracking: TrackingService,
  ) {}

  async know(address: string): Promise<Known> {
    const [history, kept, mails] = await Promise.all([
      this.privacy.historyOf(address),
      this.keptOf(address),
      this.mails.of(spellingsOf(address), MAX_MAILS),
    ]);
    return {
      address,
      history,
      kept,
      mails: mails.map((mail) => ({ mail, contents: contentsOf(mail, this.tracking) })),
    };
  }

  /** The lines of an export, by their stores. */
  private async keptOf(address: string): Promise<Kept[]> {
    const stores = new Map<string, Kept>();
    for await (const line of this.privacy.export(address)) {
      const { store, data } = JSON.parse(line) as { store: string; data: Kept['records'][number] };
      const kept = stores.get(store) ?? { store, records: [], total: 0 };
      stores.set(store, kept);
      kept.total++;
      if (kept.records.length < MAX_RECORDS) kept.records.push(data);
    }
    return [...stores.values()];
  }
}
