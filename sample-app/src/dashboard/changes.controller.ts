import { setImmediate as nextTurn } from 'node:timers/promises';
import { Controller, Sse, type MessageEvent } from '@nestjs/common';
import {
  concatMap,
  endWith,
  ignoreElements,
  map,
  merge,
  takeUntil,
  throttleTime,
  timer,
  type Observable,
} from 'rxjs';
import { TrackingStatsService } from 'nestjs-email-tracking/stats';
import { Changes } from './changes.js';

const HEARTBEAT_MS = 15_000;
/** Sending a campaign is one change, not thousands. */
const AT_MOST_EVERY_MS = 500;

@Controller('api/changes')
export class ChangesController {
  constructor(
    private readonly changes: Changes,
    private readonly stats: TrackingStatsService,
  ) {}

  /** Server-sent events that tell the page to reload its numbers. */
  @Sse('stream')
  stream(): Observable<MessageEvent> {
    const live = this.changes.live();
    const end = live.pipe(ignoreElements(), endWith(null));
    const heartbeat = timer(0, HEARTBEAT_MS).pipe(
      map((): MessageEvent => ({ comment: 'heartbeat' })),
      takeUntil(end),
    );
    const changed = live.pipe(
      throttleTime(AT_MOST_EVERY_MS, undefined, { leading: true, trailing: true }),
      concatMap(() => this.written()),
      map((): MessageEvent => ({ data: 'changed' })),
    );
    return merge(changed, heartbeat);
  }

  /** Waits until the event is written: a page that reloads earlier would miss it. */
  private async written(): Promise<void> {
    // The store may receive the same event after this.
    await nextTurn();
    await this.stats.flush().catch(() => undefined);
  }
}
