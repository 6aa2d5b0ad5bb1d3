import { All, Controller, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import type { FrameworkResponse } from '../util/http-reply.js';
import type { FrameworkRequest } from './request-data.js';
import { TrackingController } from './tracking.controller.js';

/**
 * Answers `GET <openPath>/<token>` with a transparent pixel. Subclass it and pass the subclass as
 * `controllers.open`.
 *
 * @example
 * ```ts
 * @Injectable()
 * class MyOpens extends OpenTrackingController {
 *   constructor(private readonly mails: MailService) {
 *     super();
 *   }
 *
 *   protected override async notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
 *     await this.mails.markRead(result.messageId);
 *     await super.notifyTrackingEvent(result, request);
 *   }
 * }
 *
 * TrackingModule.forRoot({ …, imports: [MailModule], controllers: { open: MyOpens } });
 * ```
 */
@Controller({ version: VERSION_NEUTRAL })
export class OpenTrackingController extends TrackingController {
  /** The route. Override the protected steps instead. */
  @All()
  answerOpen(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse): Promise<void> {
    return this.responder.open(request, response, this.steps);
  }
}
