import fc from 'fast-check';
import { EventPublisher, TRACKING_CLOCK, type TrackingEvent } from 'nestjs-email-tracking';
import { PrivacyService, TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import { TestApp } from '../support/app.js';
import { eventWith } from '../support/event.js';

const ANN = 'ann@example.com';
const NOON = Date.UTC(2026, 10, 29, 12);
const READER = {
  headers: { 'User-Agent': 'Mozilla/5.0 Chrome/142.0.0.0', 'X-Real-Ip': '203.0.113.9' },
};

type Step =
  | { what: 'wait'; seconds: number }
  | { what: 'send' }
  | { what: 'erase' }
  | { what: 'open' | 'click' | 'delivered' | 'opened' | 'bounced'; mail: number };

const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ what: fc.constant('wait'), seconds: fc.integer({ min: 1, max: 20 }) }),
  fc.constant({ what: 'send' }),
  fc.constant({ what: 'erase' }),
  fc.record({
    what: fc.constantFrom('open', 'click', 'delivered', 'opened', 'bounced'),
    mail: fc.nat(9),
  }),
);

/** A mail that was sent: its links, and when. */
interface Sent {
  messageId: string;
  pixel: string;
  link: string;
  at: number;
}

let app: TestApp;
let now = NOON;
const events: TrackingEvent[] = [];

beforeAll(async () => {
  app = await TestApp.start('fastify', {
    tracking: {
      responseBudgetMs: 5000,
      verdict: false,
      providers: [{ provide: TRACKING_CLOCK, useValue: () => now }],
    },
    metadata: { imports: [TrackingPrivacyModule.forRoot()] },
  });
});
afterAll(() => app.close());

function send(recipient: string, id: number): Sent {
  const messageId = `<${id}.${recipient}>`;
  const html = '<a href="https://example.com/a?for=me">a</a>';
  const adapted = app.tracking.adaptMessage({ html, recipient, messageId });
  const pixel = /src="([^"]+)"/.exec(adapted.html!)![1]!;
  return { messageId, pixel, link: adapted.report.links[0]!.trackingUrl!, at: now };
}

async function happen(what: string, recipient: string, { messageId, pixel, link }: Sent) {
  app.recorder.events.length = 0;
  if (what === 'open') await app.get(pixel, READER);
  else if (what === 'click') await app.get(link, READER);
  else {
    const { handled } = await app.app.get(EventPublisher).publish(
      eventWith({
        eventType: what as TrackingEvent['eventType'],
        source: 'esp',
        espName: 'Postmark',
        espEvent: { for: recipient },
        recipientCertain: true,
        ...{
          recipient,
          messageId,
          mtaResponse: `550 5.1.1 no ${recipient}`,
          timestamp: new Date(now),
        },
      }),
    );
    await handled;
  }
  await app.settled();
  events.push(...app.recorder.events);
  return app.recorder.events[0]!;
}

test('an event names somebody if, and only if, its mail was sent after the last erasure', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const recipient = `reader-${run++}.${ANN}`;
      const mails: Sent[] = [];
      let erasedAt = -Infinity;
      let erasures = 0;
      const sentAfter = new Map<string, number>();
      for (const one of steps) {
        if (one.what === 'wait') now += one.seconds * 1000;
        else if (one.what === 'send') {
          const mail = send(recipient, mails.length);
          mails.push(mail);
          sentAfter.set(mail.messageId, erasures);
          // The note of a mail to somebody who was erased is written meanwhile.
          await app.settled();
        } else if (one.what === 'erase') {
          await app.app.get(PrivacyService).erase(recipient);
          erasedAt = now;
          erasures++;
        } else if (mails.length > 0) {
          const mail = mails[one.mail % mails.length]!;
          const event = await happen(one.what, recipient, mail);
          const isLink = one.what === 'open' || one.what === 'click';
          const isNamed = isLink
            ? Math.floor(mail.at / 1000) > Math.floor(erasedAt / 1000)
            : erasures === 0 || (sentAfter.get(mail.messageId) === erasures && mail.at > erasedAt);
          expect([one.what, event.mode]).toEqual([one.what, isNamed ? undefined : 'anonymous']);
          if (isNamed) expect(event).toMatchObject({ recipient, messageId: mail.messageId });
          else if (one.what === 'bounced') {
            // Such an address must not get mail, so it is named; all else is gone.
            expect(JSON.stringify({ ...event, recipient: null })).not.toContain(recipient);
            expect(event).toMatchObject({ recipient, mtaResponse: '5.1.1' });
          } else expect(JSON.stringify(event)).not.toContain(recipient);
        }
      }
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 0) > 0 ? 40 : 25 },
  );
  expect(events.some(({ mode }) => mode === 'anonymous')).toBe(true);
  expect(events.some(({ mode }) => mode === undefined)).toBe(true);
}, 120_000);
