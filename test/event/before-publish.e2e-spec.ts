import {
  EventPublisher,
  type TrackingEvent,
  type TrackingModuleOptions,
} from 'nestjs-email-tracking';
import { TestApp } from '../support/app.js';
import { eventWith } from '../support/event.js';

describe('beforePublish', () => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const PROTECTED = ['bounced', 'rejected', 'complained', 'unsubscribed', 'subscribed'] as const;
  const bounce = (eventType: TrackingEvent['eventType']) =>
    eventWith({
      eventType,
      source: 'esp',
      espName: 'postmark',
      recipient: 'ann@example.com',
      list: 'news',
      userIp: '192.0.2.1',
      userAgent: 'Mail/1',
      espEvent: { ip: '192.0.2.1' },
    });
  const publish = async (
    eventType: TrackingEvent['eventType'],
    beforePublish: TrackingModuleOptions['beforePublish'],
  ) => {
    app = await TestApp.start('express', { tracking: { beforePublish } });
    await app.app.get(EventPublisher).publish(bounce(eventType));
    await app.settled();
    return app.recorder.events;
  };

  it.each(PROTECTED)('cannot withhold "%s"; it only takes the reader off', async (eventType) => {
    const [event] = await publish(eventType, () => null);
    expect(event).toMatchObject({ eventType, recipient: 'ann@example.com', list: 'news' });
    expect(event).toMatchObject({ userIp: null, userAgent: null, espEvent: null });
    expect(app!.logs.warnings.filter((line) => line.includes('beforePublish'))).toHaveLength(1);
  });

  it.each(PROTECTED)('cannot lose "%s" by throwing', async (eventType) => {
    const [event] = await publish(eventType, () => {
      throw new Error('broken');
    });
    expect(event).toMatchObject({ eventType, recipient: 'ann@example.com' });
  });

  it('cannot lose a bounce by hanging', async () => {
    const [event] = await publish('bounced', () => new Promise<null>(() => undefined));
    expect(event).toMatchObject({ eventType: 'bounced', recipient: 'ann@example.com' });
  });

  it('cannot change whom one is about, also not in place', async () => {
    const [event] = await publish('complained', (given) => {
      given.timestamp.setTime(0);
      return Object.assign(given, {
        recipient: null,
        list: null,
        eventType: 'opened',
        tags: ['x'],
      });
    });
    const { eventType, recipient, list, timestamp } = bounce('complained');
    expect(event).toMatchObject({ eventType, recipient, list, timestamp, tags: ['x'] });
  });

  it('may change everything else, and is not warned about', async () => {
    const [event] = await publish('bounced', (given) => ({ ...given, userIp: null, metadata: {} }));
    expect(event).toMatchObject({ userIp: null, userAgent: 'Mail/1', metadata: {} });
    expect(app!.logs.text).not.toContain('beforePublish');
  });

  it('still withholds everything else', async () => {
    expect(await publish('delivered', () => null)).toEqual([]);
  });
});
