import { BadRequestException, Catch, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { TrackingError } from 'nestjs-email-tracking';

/** Metadata that does not fit in a link is the sender's mistake, not the server's. */
@Catch(TrackingError)
export class TrackingErrorFilter extends BaseExceptionFilter {
  override catch(error: TrackingError, host: ArgumentsHost): void {
    const isInput = error.code === 'INVALID_METADATA';
    super.catch(isInput ? new BadRequestException([`metadata: ${error.message}`]) : error, host);
  }
}
