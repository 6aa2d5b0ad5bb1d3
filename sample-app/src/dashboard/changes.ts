import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  OnTrackingEvent,
  TRACKING_CONSENT_CHANGED,
  TRACKING_PREPARED,
  TRACKING_RECLASSIFIED,
  TRACKING_SEEN,
} from 'nestjs-email-tracking';
import { Subject, type Observable } from 'rxjs';

/** Announces that numbers change, but not which. */
@Injectable()
export class Changes implements BeforeApplicationShutdown {
  private readonly subject = new Subject<void>();

  @OnTrackingEvent()
  onEvent(): void {
    this.subject.next();
  }

  @OnEvent(TRACKING_RECLASSIFIED)
  onCorrection(): void {
    this.subject.next();
  }

  @OnEvent(TRACKING_PREPARED)
  onMail(): void {
    this.subject.next();
  }

  @OnEvent(TRACKING_SEEN)
  onSeen(): void {
    this.subject.next();
  }

  @OnEvent(TRACKING_CONSENT_CHANGED)
  onConsent(): void {
    this.subject.next();
  }

  /** For changes that no event tells of. */
  announce(): void {
    this.subject.next();
  }

  /** Ends when the app stops. */
  live(): Observable<void> {
    return this.subject;
  }

  beforeApplicationShutdown(): void {
    this.subject.complete();
  }
}
