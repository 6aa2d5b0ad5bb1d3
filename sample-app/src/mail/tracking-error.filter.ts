import {
  BadRequestException,
  Catch,
  ServiceUnavailableException,
  type ArgumentsHost,
} from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { TrackingError } from 'nestjs-email-tracking';

/** Says which of the package's errors are the sender's mistake, and which the state of the app. */
@Catch(TrackingError)
export class TrackingErrorFilter extends BaseExceptionFilter {
  override catch(error: TrackingError, host: ArgumentsHost): void {
    super.catch(toAnswer(error), host);
  }
}

function toAnswer(error: TrackingError): Error {
  switch (error.code) {
    // Metadata that does not fit in a link.
    case 'INVALID_METADATA':
      return new BadRequestException([`metadata: ${error.message}`]);
    case 'SUPPRESSION_UNKNOWN':
      return new ServiceUnavailableException([
        'The database does not answer, so nobody knows who has left this list. The mail is not ' +
          'sent: try again later.',
      ]);
    default:
      return error;
  }
}
