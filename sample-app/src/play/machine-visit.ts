import { Injectable } from '@nestjs/common';
import { VISITORS, type Visitor } from 'nestjs-email-tracking/testing';
import type { StoredMail } from '../mail/sent-mails.js';
import { Loopback } from '../web/loopback.js';

/** The machines that can be asked to visit, by what the page calls them. */
export const MACHINES = {
  gateway: {
    title: 'A mail gateway that says it is Chrome',
    by: VISITORS.perfectChrome,
    opens: true,
    links: 6,
  },
  named: {
    title: 'A mail gateway that gives its name',
    by: VISITORS.proofpointAgent,
    opens: false,
    links: 6,
  },
  privacy: {
    title: 'The relay of Apple’s Mail Privacy Protection',
    by: VISITORS.appleRelay,
    opens: true,
    links: 0,
  },
} as const satisfies Record<string, { title: string; by: Visitor; opens: boolean; links: number }>;

export type MachineName = keyof typeof MACHINES;
export const MACHINE_NAMES = Object.keys(MACHINES) as MachineName[];

/** How many opens and clicks were answered. */
export interface Visit {
  opens: number;
  clicks: number;
}

/** Plays a machine that looks at a mail: all within a second, as gateways do. */
@Injectable()
export class MachineVisit {
  constructor(private readonly loopback: Loopback) {}

  async play(mail: StoredMail, name: MachineName): Promise<Visit> {
    const { by, opens, links } = MACHINES[name];
    const pixel = opens && mail.pixelUrl ? [mail.pixelUrl] : [];
    const urls = mail.links.flatMap(({ trackingUrl }) => trackingUrl ?? []).slice(0, links);
    return {
      opens: await this.fetchAll(pixel, by, 'openHeaders'),
      clicks: await this.fetchAll(urls, by, 'clickHeaders'),
    };
  }

  /** @returns how many were answered */
  private async fetchAll(
    urls: readonly string[],
    by: Visitor,
    kind: 'openHeaders' | 'clickHeaders',
  ): Promise<number> {
    const headers = { ...by.headers, ...by[kind], 'user-agent': by.userAgent ?? undefined };
    let answered = 0;
    for (const url of urls) {
      const path = this.loopback.pathOf(url);
      if (path === null) continue;
      const status = await this.loopback.ask(path, { headers });
      if (status < 400) answered++;
    }
    return answered;
  }
}
