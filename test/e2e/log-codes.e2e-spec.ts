import { ConsoleLogger, Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import type { LimitedLog } from '../../lib/util/limited-log.js';
import type { TrackingLog } from '../../lib/util/log.js';
import { NEST_MAJOR, TestApp } from '../support/app.js';

// The logger of the process, which the app has replaced.
afterEach(() => {
  Logger.overrideLogger(true);
});

/** Starts an app, makes it log a warning and an error, and returns what its logger printed. */
async function printed(logger: ConsoleLogger): Promise<string[]> {
  let output = '';
  const keep = (text: unknown): boolean => {
    output += String(text);
    return true;
  };
  const app = await TestApp.start('express', {
    tracking: {
      beforePublish: () => {
        throw new Error('no room');
      },
    },
  });
  try {
    jest.spyOn(process.stdout, 'write').mockImplementation(keep);
    jest.spyOn(process.stderr, 'write').mockImplementation(keep);
    app.app.useLogger(logger);
    await app.get('/open/damaged');
    await app.get(app.tracking.getOpenTrackingUrl());
  } finally {
    jest.restoreAllMocks();
    await app.close();
  }
  return output.trim().split('\n');
}

test("Nest's logger prints the code in front of the text", async () => {
  const lines = await printed(new ConsoleLogger());
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/WARN.*\[TrackingResponder\].*\[LINK_UNREADABLE\] A link could/),
      expect.stringMatching(/ERROR.*\[TrackingEvents\].*\[BEFORE_PUBLISH_FAILED\] beforePublish/),
    ]),
  );
});

// Nest 10 has no JSON logger.
const testFrom11 = NEST_MAJOR < 11 ? test.skip : test;

testFrom11(
  "Nest's JSON logger prints it in front of the message, beside level and context",
  async () => {
    const lines = await printed(new ConsoleLogger({ json: true, colors: false }));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        level: 'warn',
        context: 'TrackingResponder',
        message: expect.stringMatching(
          /^\[LINK_UNREADABLE\] A link could not be read: INVALID_TOKEN/,
        ),
      }),
      expect.objectContaining({
        level: 'error',
        context: 'TrackingEvents',
        message: '[BEFORE_PUBLISH_FAILED] beforePublish failed, so an event was withheld.',
        stack: expect.stringContaining('no room'),
      }),
    ]);
  },
);

test('a line without a code, or with one of another context, does not compile', () => {
  const lines = (log: TrackingLog<'TrackingEvents'>, limited: LimitedLog<'TrackingQueue'>) => {
    // @ts-expect-error no code
    log.write('A sink failed.');
    // @ts-expect-error a code that is not in the table
    log.write('SINK_BROKEN', 'A sink failed.');
    // @ts-expect-error a code of another context
    log.write('REDIS_AWAY', 'Redis is away.');
    // @ts-expect-error a code of another context, where lines are limited
    limited.write('SINK_FAILED', 'A sink failed.');
  };
  expect(lines).toBeDefined();
});
