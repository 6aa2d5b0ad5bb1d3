import { Controller, Get, Header } from '@nestjs/common';
import { unsubscribeUrlOf } from '../lists.js';
import { MailTemplates } from '../mail/mail-templates.js';
import { Settings } from '../settings.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { renderPage } from './page.view.js';

@Controller()
export class PageController {
  constructor(
    private readonly templates: MailTemplates,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  show(): string {
    const { smtpUrl } = this.settings;
    return renderPage({
      templates: this.templates.list(),
      relay: smtpUrl && new URL(smtpUrl).host,
      hasLists: unsubscribeUrlOf(this.settings) !== null,
    });
  }
}
