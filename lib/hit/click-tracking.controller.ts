import { All, Controller, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import type { FrameworkResponse } from '../util/http-reply.js';
import type { FrameworkRequest } from './request-data.js';
import { TrackingController } from './tracking.controller.js';

/**
 * Answers `GET <clickPath>/<token>` with a redirect to the destination of the link. Subclass it and
 * pass the subclass as `controllers.click`.
 *
 * @example
 * ```ts
 * class TenantClicks extends ClickTrackingController {
 *   protected override getConfiguration(request: TrackingRequest): TrackingOverrides {
 *     return { context: request.headers.host };
 *   }
 * }
 *
 * TrackingModule.forRoot({ …, controllers: { click: TenantClicks } });
 * ```
 */
@Controller({ version: VERSION_NEUTRAL })
export class ClickTrackingController extends TrackingController {
  /** The route. Override the protected steps instead. */
  @All()
  answerClick(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse): Promise<void> {
    return this.responder.click(request, response, this.steps);
  }
}
