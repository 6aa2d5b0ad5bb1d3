import { Controller, Get, Header, NotFoundException, Param, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Settings } from '../settings.js';
import { escapeHtml } from '../web/escape-html.js';
import { mailPolicy } from '../web/security-headers.js';
import { Inbox, type MailContent } from './inbox.js';

/** A mail as a document of its own, for the sandboxed frame of the page. */
@Controller('inbox')
export class MailFrameController {
  constructor(
    private readonly inbox: Inbox,
    private readonly settings: Settings,
  ) {}

  @Get(':id/frame')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  show(@Param('id') id: string, @Res({ passthrough: true }) response: ServerResponse): string {
    const mail = this.inbox.find(id);
    if (!mail) throw new NotFoundException('No mail of this id is in the inbox.');
    response.setHeader('Content-Security-Policy', mailPolicy(this.settings.publicUrl));
    return mail.html === null ? asDocument(mail) : withNewTabs(mail.html);
  }
}

function asDocument({ text }: MailContent): string {
  return `<!doctype html><title>Mail</title><pre style="white-space: pre-wrap; margin: 16px;
    font: 14px/1.5 ui-monospace, monospace">${escapeHtml(text ?? '')}</pre>`;
}

/**
 * Mail programs open links outside the mail. A frame would open them inside itself, so its base
 * says otherwise; it goes behind the doctype, without which the browser would lay out the mail by
 * other rules.
 */
function withNewTabs(html: string): string {
  const start = /^\s*(<!doctype[^>]*>)?/i.exec(html)?.[0].length ?? 0;
  return `${html.slice(0, start)}<base target="_blank">${html.slice(start)}`;
}
