import { Injectable } from '@nestjs/common';
import { Loopback } from '../web/loopback.js';

/** What RFC 8058 has the mail program send. */
const BODY = 'List-Unsubscribe=One-Click';

/** Does what a provider such as Gmail does when its reader presses “Unsubscribe” (RFC 8058). */
@Injectable()
export class OneClick {
  constructor(private readonly loopback: Loopback) {}

  /** @returns the status of the answer; null for a mail without the headers, or of somebody else */
  async press(headers: Readonly<Record<string, string>>): Promise<number | null> {
    if (headers['list-unsubscribe-post'] !== BODY) return null;
    const url = /<(https?:[^<>\s]+)>/.exec(headers['list-unsubscribe'] ?? '')?.[1];
    const path = url === undefined ? null : this.loopback.pathOf(url);
    if (path === null) return null;
    return this.loopback.ask(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': BODY.length,
      },
      body: BODY,
    });
  }
}
