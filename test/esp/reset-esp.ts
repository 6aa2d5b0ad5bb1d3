import { LimitedLog } from '../../lib/util/limited-log.js';
import type { LineLog } from '../../lib/util/log.js';
import { EspHandler } from '../../lib/esp/esp-handler.js';
import type { TestApp } from '../support/app.js';

/** The state of a handler that one test must not leave to the next. */
interface HandlerState {
  repeats: { clear(): void };
  limited: LimitedLog<'EspTracking'>;
  log: LineLog<'EspTracking'>;
  now: () => number;
}

/** Makes an app as good as new, so that the tests of one `describe` share it. */
export function resetEsp(app: TestApp, now: () => number = Date.now): void {
  app.recorder.events.length = 0;
  app.recorder.corrections.length = 0;
  app.logs.warnings.length = 0;
  app.logs.errors.length = 0;
  const handler = app.app.get<HandlerState>(EspHandler, { strict: false });
  handler.repeats.clear();
  handler.limited = new LimitedLog(handler.log);
  handler.now = now;
}
