import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { renderAway, renderMissing } from './frame.view.js';
import { MissingPage } from './missing-page.js';
import { DatabaseAway, Numbers } from './numbers.js';

/** Says as a page what is wrong: that nothing is known, or that the database is away. */
@Catch(DatabaseAway, MissingPage)
export class PageFilter implements ExceptionFilter {
  constructor(private readonly numbers: Numbers) {}

  catch(error: DatabaseAway | MissingPage, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const isMissing = error instanceof MissingPage;
    response.writeHead(isMissing ? 404 : 503, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': NUMBERS_POLICY,
      ...(!isMissing && { 'Retry-After': '5' }),
    });
    response.end(
      isMissing ? renderMissing(error.what, error.called) : renderAway(this.numbers.waiting),
    );
  }
}
