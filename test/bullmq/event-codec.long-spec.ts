import fc from 'fast-check';
import type { TrackingEvent, TrackingResult } from 'nestjs-email-tracking';
import {
  decodeEvent,
  decodeQueued,
  encodeCorrection,
  encodeEvent,
  idOf,
} from '../../lib/bullmq/event-codec.js';
import { toTrackingEvent } from '../../lib/event/tracking-event.js';
import { openEvent } from './events.js';

const text = fc.option(fc.string({ unit: 'grapheme' }));
const whole = fc.option(fc.nat());
const metadata = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.boolean())),
);
const date = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });

const result: fc.Arbitrary<TrackingResult> = fc
  .record({
    purpose: fc.constantFrom('open' as const, 'click' as const),
    trackedUrl: text,
    webhookUrl: text,
    webhookTimeoutSeconds: whole,
    metadata,
    requestData: fc.option(fc.record({ userAgent: text, userIp: text })),
    timestamp: fc.nat(),
    messageId: text,
    recipient: text,
    tags: fc.array(fc.string()),
    sentAt: fc.option(date),
    linkIndex: whole,
    linkCount: whole,
    trackedLinkCount: whole,
    isUnsubscribeLink: fc.boolean(),
    linkLabel: text,
    part: fc.constantFrom('html' as const, 'text' as const, null),
    format: fc.constantFrom('packed', 'plain'),
    keyId: text,
  })
  .map((drawn) => ({
    ...drawn,
    isOpenTracking: drawn.purpose === 'open',
    isClickTracking: drawn.purpose === 'click',
  }));

const AT = new Date('2026-11-20T10:00:00.123Z');

function throughJson(event: TrackingEvent): TrackingEvent {
  return decodeEvent(JSON.parse(JSON.stringify(encodeEvent(event))) as never);
}

describe('the codec of events', () => {
  it('gives back the event of any hit, dates included', () => {
    fc.assert(
      fc.property(result, (drawn) => {
        const event = toTrackingEvent(drawn, AT);
        expect(throughJson(event)).toEqual(event);
      }),
    );
  });

  it('gives back what beforePublish made of it', () => {
    const changed: fc.Arbitrary<Partial<TrackingEvent>> = fc.record(
      {
        metadata,
        recipient: text,
        recipientCertain: fc.boolean(),
        userIp: text,
        userAgent: text,
        sentAt: fc.option(date),
        tags: fc.array(fc.string()),
        clickUrl: text,
        linkIndex: whole,
        eventType: fc.constantFrom('opened' as const, 'clicked' as const, 'bounced' as const),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(result, changed, (drawn, changes) => {
        const event = { ...toTrackingEvent(drawn, AT), ...changes };
        expect(throughJson(event)).toEqual(event);
      }),
    );
  });

  it('gives back events of providers, and members of the app', () => {
    const event = {
      ...openEvent('x'),
      espName: 'mailgun',
      espEvent: { raw: [1, { a: null }] },
      verdict: { kind: 'human' as const, certainty: 'certain' as const, reasons: [], rules: '1' },
      note: 'of the app',
    };
    expect(throughJson(event)).toEqual(event);
  });

  it('gives back corrections', () => {
    const correction = {
      eventIds: ['a', 'b'],
      verdict: {
        kind: 'scanner' as const,
        certainty: 'probable' as const,
        reasons: ['LINK_BURST'],
        rules: '2026-11-21',
      },
    };
    const encoded = encodeCorrection(correction);
    expect(decodeQueued(JSON.parse(JSON.stringify(encoded)) as never)).toEqual(correction);
    // Each is a job of its own, also where two of them say the same.
    expect(idOf(encodeCorrection(correction))).not.toBe(idOf(encoded));
  });

  it('is small where an event repeats its result', () => {
    const [drawn] = fc.sample(result, { numRuns: 1, seed: 1 });
    const event = toTrackingEvent({ ...drawn!, metadata: { long: 'x'.repeat(1000) } }, AT);
    expect(JSON.stringify(encodeEvent(event)).length).toBeLessThan(
      JSON.stringify(event).length * 0.6,
    );
  });

  it.each([null, 'text', {}, { i: 7 }])('refuses %j', (value) => {
    expect(() => decodeEvent(value as never)).toThrow(TypeError);
  });
});
