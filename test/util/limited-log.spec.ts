import { jest } from '@jest/globals';
import { LimitedLog } from '../../lib/util/limited-log.js';

const HOUR = 3_600_000;

describe('a log of at most 10 lines of a code in a minute', () => {
  let lines: string[];
  let passed: number;
  let log: LimitedLog<'TrackingEvents'>;
  beforeEach(() => {
    lines = [];
    passed = 5000;
    jest.spyOn(performance, 'now').mockImplementation(() => passed);
    log = new LimitedLog({ write: (_code, line) => void lines.push(line) });
  });
  afterEach(() => jest.restoreAllMocks());

  const write = (count: number) => {
    for (let i = 0; i < count; i++) log.write('SINK_FAILED', 'failed');
  };

  test('writes 10 lines, and says after a minute how many it left out', () => {
    write(25);
    expect(lines).toEqual(Array(10).fill('failed'));
    passed += 60_000;
    write(1);
    expect(lines.at(-1)).toBe('failed (15 more like this were not logged)');
  });

  test('is not silenced for a code by lines of another', () => {
    write(25);
    log.write('HANDLER_FAILED', 'a handler failed');
    expect(lines.slice(10)).toEqual(['a handler failed']);
  });

  test.each([HOUR, -HOUR, 1000 * 24 * HOUR])(
    'is neither silenced nor filled by a step of the wall clock (%d ms)',
    (step) => {
      const now = Date.now();
      jest.spyOn(Date, 'now').mockImplementation(() => now + step);
      write(25);
      expect(lines).toHaveLength(10);
      passed += 60_000;
      write(3);
      expect(lines).toHaveLength(13);
    },
  );
});
