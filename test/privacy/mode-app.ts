import {
  type ConsentResolver,
  type SeenEvent,
  TRACKING_CLOCK,
  TRACKING_CONSENT,
  TRACKING_EVENT_SINKS,
  TrackingConsents,
  type TrackingEvent,
  type TrackingModuleOptions,
} from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { type TestConsent, TestConsents } from 'nestjs-email-tracking/testing';
import { type Platform, TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';

export const ANN = 'ann@example.com';
export const SALE = 'https://www.example.com/sale?user=7';

const BROWSER = {
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'accept-language': 'en',
  'accept-encoding': 'gzip, deflate, br',
};

/** An app that asks for consent, and what its sinks were given. */
export class ModeApp {
  readonly consents = new TestConsents();
  readonly events: TrackingEvent[] = [];
  readonly seen: SeenEvent[] = [];
  now = Date.parse('2026-11-20T10:00:00Z');
  app!: TestApp;
  /** Providers say nothing twice: what is the same is dropped. */
  private reports = 0;

  static async start(
    platform: Platform,
    { providers = [], ...tracking }: Partial<TrackingModuleOptions> = {},
    resolver: ConsentResolver | 'nobody' | 'consents' = 'consents',
  ): Promise<ModeApp> {
    const own = new ModeApp();
    const sink = {
      accept: (event: TrackingEvent) => void own.events.push(structuredClone(event)),
      seen: (event: SeenEvent) => void own.seen.push(event),
    };
    const useValue = resolver === 'consents' ? own.consents : resolver;
    own.app = await TestApp.start(platform, {
      tracking: {
        ...tracking,
        providers: [
          { provide: TRACKING_EVENT_SINKS, useValue: [sink] },
          { provide: TRACKING_CLOCK, useValue: () => own.now },
          ...(useValue === 'nobody' ? [] : [{ provide: TRACKING_CONSENT, useValue }]),
          ...providers,
        ],
      },
      metadata: {
        imports: [EspTrackingModule.forRoot({ providers: { mailjet: { insecure: true } } })],
      },
    });
    return own;
  }

  get tracking() {
    return this.app.tracking;
  }

  get counts() {
    return this.app.app.get(TrackingConsents).counts;
  }

  /** Lets somebody answer differently from now on. */
  says(recipient: string, answer: TestConsent): void {
    this.consents.answer(recipient, answer);
    this.app.app.get(TrackingConsents).forget(recipient);
  }

  /** A mail to somebody, written with the modes that they allow. */
  async mailTo(recipient: string): Promise<{ pixel: string | undefined; link: string }> {
    const messageId = '<m1@example.com>';
    const privacy = await this.tracking.policyFor(recipient, { messageId });
    const { html } = this.tracking.adaptMessage({
      html: `<a href="${SALE}">Sale</a>`,
      messageId,
      recipient,
      metadata: { campaign: 'may', user: 7 },
      tags: ['vip'],
      privacy,
    });
    const pixel = /<img src="([^"]+)"/.exec(html!)?.[1];
    return { pixel, link: /href="([^"]+)"/.exec(html!)![1]! };
  }

  /** Requests a tracking URL as a person's browser does. */
  get(url: string): Promise<Answer> {
    return this.app.get(url, { headers: BROWSER });
  }

  /** What a provider reports. */
  async report(event: 'open' | 'click', email: string): Promise<number> {
    const { status } = await this.app.get('/anymail/mailjet/tracking/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        event,
        time: 1_763_000_000,
        email,
        MessageID: ++this.reports,
        url: SALE,
        ip: '198.51.100.7',
        agent: BROWSER['user-agent'],
      }),
    });
    return status;
  }

  /** All that handlers and sinks were given since it was last taken. */
  async take() {
    await this.app.settled();
    return { events: this.events.splice(0), seen: this.seen.splice(0) };
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
