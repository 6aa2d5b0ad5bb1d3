import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { renderAway, renderMissing, renderRefusal } from './frame.view.js';
import { MissingPage } from './missing-page.js';
import { DatabaseAway, Numbers } from './numbers.js';

/** Shows errors as pages: an invalid address, a missing campaign or mail, a database that is away. */
@Catch(DatabaseAway, MissingPage, HttpException)
export class PageFilter implements ExceptionFilter {
  constructor(private readonly numbers: Numbers) {}

  catch(error: DatabaseAway | MissingPage | HttpException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const [status, page] = this.pageOf(error);
    response.statusCode = status;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Security-Policy', NUMBERS_POLICY);
    if (status === 503) response.setHeader('Retry-After', '5');
    response.end(page);
  }

  private pageOf(error: DatabaseAway | MissingPage | HttpException): [number, string] {
    if (error instanceof MissingPage) return [404, renderMissing(error.what, error.called)];
    if (error instanceof DatabaseAway) return [503, renderAway(this.numbers.waiting)];
    const { message } = error.getResponse() as { message?: string | string[] };
    return [error.getStatus(), renderRefusal([message ?? error.message].flat())];
  }
}
