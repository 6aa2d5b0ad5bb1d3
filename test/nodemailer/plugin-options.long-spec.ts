import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { isTrackingError } from 'nestjs-email-tracking';
import {
  type NodemailerMessage,
  tracked,
  type TrackingOutcome,
  trackingPlugin,
} from 'nestjs-email-tracking/nodemailer';
import { serviceFor } from '../support/service.js';
import { linksIn } from './mail-server.js';
import { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const HTML = '<p><a href="https://www.example.com/sale">Sale</a></p>';
const MAIL = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hi', html: HTML };

const NOBODY = { filter: <T>(items: readonly T[]) => Promise.resolve(items) };

describe('defaults', () => {
  test.each<[string, object]>([
    ['onOutcome', { onOutcome: 'log' }],
    ['maxPartBytes', { maxPartBytes: 1.5 }],
    ['maxPartBytes', { maxPartBytes: -1 }],
    ['messageId', { messageId: '<1@example.com>' }],
    ['recipient', { recipient: 'ann@example.com' }],
    ['suppression.service', { suppression: { service: {} } }],
    ['suppression.service', { suppression: null }],
    ['suppression.onSuppressed', { suppression: { service: NOBODY, onSuppressed: 'drop' } }],
    ['requireUnsubscribe', { requireUnsubscribe: 'always' }],
    ['baseUnsubscribeUrl', { unsubscribe: { list: 'news' } }],
    ['metadat', { metadat: {} }],
    ['tags', { tags: 'a' }],
    ['overrides', { overrides: { format: 'none' } }],
  ])('%s that cannot be used is found when the plugin is made', (name, defaults) => {
    const make = () => trackingPlugin(serviceFor(), defaults);
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(isTrackingError(thrown) && thrown.code).toBe('INVALID_OPTIONS');
    expect((thrown as Error).message).toContain(name === 'overrides' ? 'format' : name);
  });
});

describe('a Tracker instead of the service', () => {
  const service = serviceFor();
  const acme = service.with({ context: 'acme' });

  test('tracks with its own overrides', async () => {
    const composer = new Composer(NODEMAILERS[0]![1], acme);
    const { parsed } = await composer.compose(MAIL);
    const [url] = linksIn(parsed.html).clicks;
    expect(acme.getClickTrackingResult(url!).recipient).toBe('ann@example.com');
    expect(() => service.getClickTrackingResult(url!)).toThrow();
  });

  test('refuses overrides of all mails when the plugin is made', () => {
    const make = () => trackingPlugin(acme, { overrides: { context: 'other' } });
    expect(make).toThrow(/overrides: the plugin was made with a Tracker/);
  });

  test('sends a mail with overrides untracked, and logs why', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const composer = new Composer(NODEMAILERS[0]![1], acme);
    const mail = tracked(MAIL, { overrides: { context: 'other' } });
    const { outcomes } = await composer.compose(mail);
    expect(outcomes).toMatchObject([{ tracked: false, reason: 'failed' }]);
    expect(error.mock.calls.join()).toMatch(/overrides: the plugin was made with a Tracker/);
    error.mockRestore();
  });
});

describe('tracked', () => {
  const read = (mail: object) => (mail as { tracking?: unknown }).tracking;

  test('copies, and leaves the mail as it was', () => {
    const mail = Object.freeze({ ...MAIL });
    const copy = { ...tracked(mail, { tags: ['x'] }) };
    expect(copy).toMatchObject(mail);
    expect(read(copy)).toEqual({ tags: ['x'] });
    expect(read(mail)).toBeUndefined();
  });

  test('survives a queue', () => {
    const mail = tracked(MAIL, { metadata: { a: 1 } });
    expect(read(JSON.parse(JSON.stringify(mail)) as object)).toEqual({ metadata: { a: 1 } });
  });

  test('merges metadata and overrides; otherwise the later option wins', () => {
    const first = tracked(MAIL, {
      metadata: { a: 1, b: 1 },
      tags: ['x'],
      openTracking: false,
      overrides: { context: 'a', maxUrlLength: 900 },
    });
    const second = tracked(first, {
      metadata: { b: 2 },
      tags: undefined,
      openTracking: true,
      overrides: { context: 'b' },
    });
    expect(read(second)).toEqual({
      metadata: { a: 1, b: 2 },
      tags: ['x'],
      openTracking: true,
      overrides: { context: 'b', maxUrlLength: 900 },
    });
  });
});

describe.each(NODEMAILERS)('on its way, Nodemailer %s', (_version, createTransport) => {
  let logged: string[] = [];
  beforeEach(() => {
    logged = [];
    for (const level of ['error', 'warn'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((message) => {
        logged.push(String(message));
      });
    }
  });
  afterEach(() => jest.restoreAllMocks());
  const composer = new Composer(createTransport, serviceFor());

  test('a callback that throws is logged and changes nothing', async () => {
    const fail = () => {
      throw new Error('no room for ann@example.com');
    };
    // A function that returns a promise passes for one that returns nothing.
    const callbacks: (() => void)[] = [fail, () => Promise.resolve().then(fail)];
    for (const onOutcome of callbacks) {
      const { parsed } = await composer.compose(MAIL, { onOutcome });
      expect(linksIn(parsed.html).pixels).toHaveLength(1);
    }
    expect(logged).toEqual(Array(2).fill('[HOOK_FAILED] onOutcome failed: Error.'));
  });

  test('the callback is given the mail', async () => {
    const mails: NodemailerMessage[] = [];
    await composer.compose(MAIL, { onOutcome: (_outcome, mail) => void mails.push(mail) });
    expect(mails).toMatchObject([{ data: { subject: 'Hi' } }]);
  });

  test('tracks a template that is rendered before, and warns of one that is rendered after', async () => {
    const outcomes: TrackingOutcome[] = [];
    const render = (mail: { data: { html?: string } }, callback: () => void) => {
      mail.data.html ??= HTML;
      setImmediate(callback);
    };
    const ours = trackingPlugin(serviceFor(), {
      onOutcome: (outcome) => void outcomes.push(outcome),
    });
    const mail = { ...MAIL, html: undefined, template: 'sale' };
    for (const plugins of [
      [render, ours],
      [ours, render],
    ]) {
      const transporter = createTransport({ streamTransport: true, buffer: true });
      for (const plugin of plugins) transporter.use('compile', plugin);
      await transporter.sendMail(mail);
      await transporter.sendMail(mail);
    }
    expect(outcomes.map(({ tracked }) => tracked)).toEqual([true, true, false, false]);
    expect(logged).toEqual([expect.stringContaining('after the one that renders templates')]);
  });

  test('a member "tracking" that is not ours stays', async () => {
    const seen: unknown[] = [];
    const transporter = createTransport({ streamTransport: true });
    transporter.use('compile', trackingPlugin(serviceFor()));
    transporter.use('compile', (mail: { data: { tracking?: unknown } }, callback: () => void) => {
      seen.push(mail.data.tracking);
      callback();
    });
    await transporter.sendMail({ ...MAIL, tracking: 'parcel 7' });
    await transporter.sendMail(tracked(MAIL, {}));
    expect(seen).toEqual(['parcel 7', undefined]);
  });

  test('what cannot be composed is an answer, not the end of the process', async () => {
    const mail = { ...MAIL, attachments: [{ content: 'x', encoding: 'nonsense' }] };
    await expect(composer.compose(mail)).rejects.toThrow(/nonsense/i);
  });
});
