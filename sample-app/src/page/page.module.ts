import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { PageController } from './page.controller.js';
import { SiteController } from './site.controller.js';

@Module({ imports: [MailModule], controllers: [PageController, SiteController] })
export class PageModule {}
