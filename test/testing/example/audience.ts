// audience.ts
import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  OnTrackingEvent,
  type ReclassifiedEvent,
  type TrackingEvent,
  type VerdictKind,
} from 'nestjs-email-tracking';

/** How many clicks of a mail were made by people. */
@Injectable()
export class Audience {
  private readonly clicks = new Map<string, { messageId: string | null; kind?: VerdictKind }>();

  @OnTrackingEvent('tracking.click')
  onClick({ eventId, messageId, verdict }: TrackingEvent) {
    this.clicks.set(eventId, { messageId, kind: verdict?.kind });
  }

  @OnEvent('tracking.reclassified')
  onCorrection({ eventIds, verdict }: ReclassifiedEvent) {
    for (const eventId of eventIds) {
      const click = this.clicks.get(eventId);
      if (click) click.kind = verdict.kind;
    }
  }

  peopleOf(messageId: string | null): number {
    const clicks = [...this.clicks.values()].filter((click) => click.messageId === messageId);
    return clicks.filter(({ kind }) => kind === 'human').length;
  }
}
