import { All, Controller, Inject, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import type { TrackingEvent } from '../event/tracking-event.js';
import { LinkController } from '../hit/link.controller.js';
import type { FrameworkRequest, TrackingRequest } from '../hit/request-data.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import type { FrameworkResponse } from '../util/http-reply.js';
import type { UnsubscribeResult } from './unsubscribe-links.js';
import type { UnsubscribePageState } from './page-state.js';
import { unsubscribePage } from './unsubscribe-page.js';
import type { UnsubscribeRequest } from './unsubscribe-request.js';
import type { UnsubscribeResponderOptions } from './unsubscribe-responder-options.js';
import { UnsubscribeResponder } from './unsubscribe-responder.js';

/**
 * Answers `<unsubscribePath>/<token>`: GET shows a page with a button, POST ends the subscription. The
 * protected steps can be overridden. Do not override the route method: the subclass then loses the
 * route or its guards, and Nest does not warn. Pass the subclass as `controllers.unsubscribe`.
 *
 * The responder is injected as a property, so that a subclass can have its own constructor.
 *
 * @example
 * ```ts
 * class Leaving extends UnsubscribeController {
 *   protected override async notifyTrackingEvent(
 *     result: UnsubscribeResult,
 *     request: UnsubscribeRequest,
 *   ) {
 *     await super.notifyTrackingEvent(result, request);
 *     await this.crm.noteLeaving(result.recipient, request.isAll ? null : result.list);
 *   }
 * }
 *
 * TrackingModule.forRoot({ …, controllers: { unsubscribe: Leaving } });
 * ```
 */
@Controller({ version: VERSION_NEUTRAL })
export class UnsubscribeController extends LinkController {
  /** Reads, stores and answers; the steps below call it. */
  @Inject(UnsubscribeResponder)
  protected override readonly responder!: UnsubscribeResponder;

  /** The steps, bound once rather than for each request. */
  protected readonly steps: UnsubscribeResponderOptions = {
    overrides: (request) => this.getConfiguration(request),
    readLink: (token, purpose, request, overrides) =>
      this.readLink(token, purpose, request, overrides),
    onEvent: (result, request) => this.notifyTrackingEvent(result, request),
    onWithdrawal: (result, request) => this.notifyWithdrawal(result, request),
    onDecodingError: (error, request) => this.notifyDecodingError(error, request),
    page: (state) => this.page(state),
  };

  /** The route. Override the protected steps instead. */
  @All()
  answerUnsubscribe(
    @Req() request: FrameworkRequest,
    @Res() response: FrameworkResponse,
  ): Promise<void> {
    return this.responder.unsubscribe(request, response, this.steps);
  }

  /**
   * Called for each wish to leave, that is, for a POST with a valid link. Default: stores it and
   * publishes its event. If it throws, or takes longer than `unsubscribe.budgetMs`, the answer is 503,
   * so that the mail program tries again. It may be called again for the same wish.
   */
  protected notifyTrackingEvent(
    result: UnsubscribeResult,
    request: UnsubscribeRequest,
  ): void | Promise<void> {
    return this.responder.publish(this.toTrackingEvent(result, request), request);
  }

  /**
   * Called for somebody who stays subscribed and does not want to be measured: the last button of the page,
   * which is there with `TrackingPrivacyModule`. Default: stores and publishes the withdrawal. If it throws,
   * or takes longer than `unsubscribe.budgetMs`, the answer is 503.
   */
  protected notifyWithdrawal(
    result: UnsubscribeResult,
    request: UnsubscribeRequest,
  ): void | Promise<void> {
    return this.responder.withdraw(result, request);
  }

  /**
   * Reads the token. Default: `packed` tokens that were made for unsubscribing. If it throws anything
   * but a `TrackingError`, the answer is 503.
   */
  protected readLink(
    token: string,
    _purpose: 'unsubscribe',
    request: TrackingRequest,
    overrides: TrackingOverrides,
  ): UnsubscribeResult | Promise<UnsubscribeResult> {
    return this.responder.readLink(token, request, overrides, this.getRequestData(request));
  }

  /** Returns the event of a wish to leave. Its verdict is added when it is published. */
  protected toTrackingEvent(result: UnsubscribeResult, request: UnsubscribeRequest): TrackingEvent {
    return this.responder.toTrackingEvent(result, request);
  }

  /**
   * Returns the page in HTML. Default: the page of this package. Escape what you take from the state.
   * The Content-Security-Policy allows the `<style>` elements of the page, written without attributes,
   * and nothing else: no script, no image, nothing remote. A form without `action` posts to the link;
   * its button is `name="List-Unsubscribe"` with the value `Page`, `Page-All` to leave all lists, or
   * `Page-Stay-Unmeasured` to stay without being measured (if `offersStay`).
   */
  protected page(state: UnsubscribePageState): string {
    return unsubscribePage(state);
  }
}
