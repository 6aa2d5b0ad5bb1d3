import { Controller, Get, Header, Req } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { PAGE_POLICY } from '../web/security-headers.js';
import { renderSite } from './site.view.js';

/** Stands in for the shop that the sample mails link to. */
@Controller('site')
export class SiteController {
  @Get('{*path}')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', PAGE_POLICY)
  arrive(@Req() request: IncomingMessage): string {
    return renderSite(request.url ?? '/');
  }
}
