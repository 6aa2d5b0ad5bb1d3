import { request } from 'node:http';
import type { Server } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import {
  EventPublisher,
  isTrackingError,
  TRACKING_CLOCK,
  TRACKING_CONSENT,
  TrackingConsents,
  TrackingError,
  TrackingService,
  VerdictClassifier,
  type TrackingClock,
} from '../index.js';
import type { ScenarioClock } from './scenario-clock.js';
import type { MailSettings } from './scenario-mail.js';
import type { TestConsent, TestConsents } from './test-consents.js';

/** An app that scenarios can be played against. */
export class AppUnderTest {
  readonly tracking: TrackingService;
  readonly publisher: EventPublisher;
  readonly classifier: VerdictClassifier;
  readonly emitter: EventEmitter2;
  readonly #remembered: TrackingConsents;
  readonly #origin: Origin;

  /**
   * @param pathOf the path that is requested for a tracking URL
   * @throws TrackingError `INVALID_OPTIONS` if the app does not listen, does not track, or asks others
   *   than `consents`
   */
  constructor(
    app: INestApplication,
    private readonly pathOf: (url: URL) => string,
    private readonly consents: TestConsents | undefined,
  ) {
    this.tracking = partOf(app, TrackingService);
    this.publisher = partOf(app, EventPublisher);
    this.classifier = partOf(app, VerdictClassifier);
    this.emitter = partOf(app, EventEmitter2);
    this.#remembered = partOf(app, TrackingConsents);
    if (consents) checkConsents(app, consents);
    this.#origin = originOf(app);
  }

  /** Requests a tracking URL as a proxy in front of the app passes it on. */
  request(
    url: URL,
    method: 'GET' | 'HEAD',
    address: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number> {
    return send(this.#origin, this.pathOf(url), method, {
      host: url.host,
      'x-forwarded-for': address,
      'x-forwarded-proto': url.protocol.slice(0, -1),
      ...headers,
    });
  }

  /** Whether recipients can change what they consent to. */
  get hasConsents(): boolean {
    return this.consents !== undefined;
  }

  /** Lets a recipient answer differently from now on. */
  changeConsent(recipient: string, answer: TestConsent): void {
    this.consents?.answer(recipient, answer);
    this.#remembered.forget(recipient);
  }

  /** Asks by HEAD, which leaves no trace. */
  async checkRoutes(settings: MailSettings): Promise<void> {
    const { pixel, link } = this.#sampleUrls(settings);
    for (const [route, url, expected] of [
      ['open', pixel, 200],
      ['click', link, 302],
    ] as const) {
      const status = await this.request(url, 'HEAD', PROBE_ADDRESS, {});
      if (status === expected) continue;
      throw new TrackingError(
        'INVALID_OPTIONS',
        `The ${route} route answered ${status} instead of ${expected} at ${this.pathOf(url).replace(/[^/]+\/?$/, '')}, ` +
          'where the base URL says that it is. If a proxy in front of the app changes paths, pass ' +
          'TrackingScenarios.for a pathOf(url) that does the same; if the app has tenants, the ' +
          'overrides of one of them.',
      );
    }
  }

  #sampleUrls({ linkBase, overrides }: MailSettings): { pixel: URL; link: URL } {
    try {
      return {
        pixel: new URL(this.tracking.getOpenTrackingUrl({}, overrides)),
        link: new URL(this.tracking.getClickTrackingUrl(linkBase, {}, overrides)),
      };
    } catch (error) {
      if (!isTrackingError(error) || error.code !== 'UNSAFE_URL') throw error;
      throw new TrackingError(
        'INVALID_OPTIONS',
        'The redirect policy of the app refuses the links of scenarios. Name a host that it ' +
          "allows: TrackingScenarios.for(app, { clock, linkBase: 'https://www.your-host.com/' }).",
      );
    }
  }
}

/** @throws TrackingError `INVALID_OPTIONS` if the app uses another clock */
export function checkClock(app: INestApplication, clock: ScenarioClock): void {
  const used = partOf<TrackingClock>(app, TRACKING_CLOCK);
  const before = clock.now();
  clock.advance(86_399);
  const follows = used() === clock.now();
  clock.set(before);
  if (follows && used() === before) return;
  throw new TrackingError(
    'INVALID_OPTIONS',
    'The app and the scenarios use different clocks. Override it with @nestjs/testing: ' +
      '.overrideProvider(TRACKING_CLOCK).useValue(clock.now), or in TrackingModule.forRoot: ' +
      'providers: [{ provide: TRACKING_CLOCK, useValue: clock.now }].',
  );
}

/** @throws TrackingError `INVALID_OPTIONS` if the app asks somebody else */
function checkConsents(app: INestApplication, consents: TestConsents): void {
  try {
    if (app.get<unknown>(TRACKING_CONSENT, { strict: false }) === consents) return;
  } catch {
    // The app asks nobody.
  }
  throw new TrackingError(
    'INVALID_OPTIONS',
    'The app does not ask the TestConsents of the scenarios. Override its resolver with ' +
      '@nestjs/testing: .overrideProvider(TRACKING_CONSENT).useValue(consents), or provide it in ' +
      'TrackingModule.forRoot: providers: [{ provide: TRACKING_CONSENT, useValue: consents }].',
  );
}

/** An address of a network for documentation (RFC 5737). */
const PROBE_ADDRESS = '203.0.113.250';

function partOf<T>(app: INestApplication, token: string | (new (...args: never[]) => T)): T {
  try {
    return app.get<T>(token, { strict: false });
  } catch {
    const name = typeof token === 'string' ? token : token.name;
    throw new TrackingError(
      'INVALID_OPTIONS',
      `The app has no ${name}. Import TrackingModule and EventEmitterModule. If it does: the kit ` +
        'and the app use two copies of nestjs-email-tracking, for example one by import and one ' +
        'by require.',
    );
  }
}

function originOf(app: INestApplication): Origin {
  const address = (app.getHttpServer() as Server).address();
  if (address === null || typeof address === 'string') {
    throw new TrackingError(
      'INVALID_OPTIONS',
      "The app is not listening on a port. Call await app.listen(0, '127.0.0.1') first.",
    );
  }
  const { address: host, port } = address;
  return { host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}

interface Origin {
  host: string;
  port: number;
}

const TIMEOUT_MS = 10_000;

function send(
  { host, port }: Origin,
  path: string,
  method: 'GET' | 'HEAD',
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host, port, path, method, headers, agent: false, timeout: TIMEOUT_MS },
      (incoming) => {
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
        incoming.on('error', reject);
        incoming.resume();
      },
    );
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`The app did not answer within ${TIMEOUT_MS / 1000} seconds.`)),
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
