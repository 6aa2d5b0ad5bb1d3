// A whole mail with tracked links and a pixel: by the service, by cheerio with links of the same
// service, from a compiled mail, and the links alone.

import 'reflect-metadata';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { load } from 'cheerio';
import { TrackingModule, TrackingService } from '../../dist/index.js';
import { readMails } from '../mails/corpus.mjs';
import { KEY, PAYLOADS } from '../reference.mjs';
import { flat } from './flat.mjs';

/** Who a mail goes to: another one for each rendering. */
export const RECIPIENTS = PAYLOADS.map(({ metadata: { message_id: messageId, ...metadata } }) => ({
  metadata,
  messageId: `<${messageId}@mail.example.com>`,
}));

/** A service as an application has it: `packed` links. */
export async function createService() {
  class BenchModule {}
  Module({
    imports: [
      EventEmitterModule.forRoot(),
      TrackingModule.forRoot({
        baseOpenTrackingUrl: 'https://t.example.com/open/',
        baseClickTrackingUrl: 'https://t.example.com/click/',
        encryptionKey: KEY,
        controllers: false,
      }),
    ],
  })(BenchModule);
  const app = await NestFactory.createApplicationContext(BenchModule, { logger: false });
  return app.get(TrackingService);
}

/** What each side makes of one mail, by name: a factory, asked once for each mail. */
export const REWRITERS = {
  adaptHtml: (service, html) => (recipient) => flat(service.adaptHtml(html, recipient)),

  render(service, html) {
    const compiled = service.compileMessage({ html });
    return (recipient) => flat(compiled.render(recipient).html);
  },

  /** Links that are the same for all recipients. */
  anonymous(service, html) {
    const compiled = service.compileMessage({ html });
    const privacy = { opens: 'anonymous', clicks: 'anonymous' };
    return (recipient) => flat(compiled.render({ ...recipient, privacy }).html);
  },

  cheerio: (service, html) => (recipient) => withCheerio(service, html, recipient),

  /** The same tokens as in the mail, and nothing around them. */
  sealing(service, html) {
    const { links } = service.adaptMessage({ html }).report;
    const tracked = links.filter((link) => link.tracked);
    return ({ metadata, messageId }) => {
      let text = '';
      for (const { url, index } of tracked) {
        text = service.getClickTrackingUrl(url, metadata, {
          messageId,
          part: 'html',
          linkIndex: index,
          linkCount: links.length,
        });
      }
      const linkCount = links.length;
      return text + service.getOpenTrackingUrl(metadata, { messageId, part: 'html', linkCount });
    };
  },
};

function withCheerio(service, html, { metadata, messageId }) {
  const $ = load(html);
  const links = $('a[href], area[href]');
  links.each((linkIndex, element) => {
    const link = $(element);
    const url = link.attr('href').trim();
    // What the sender has to think of: `mailto:`, `#top`, and links to unsubscribe.
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url) || /unsubscribe/i.test(url)) return;
    link.attr(
      'href',
      service.getClickTrackingUrl(url, metadata, {
        messageId,
        part: 'html',
        linkIndex,
        linkCount: links.length,
      }),
    );
  });
  const linkCount = links.length;
  const src = service.getOpenTrackingUrl(metadata, { messageId, part: 'html', linkCount });
  $('body').append(`<img src="${src}" width="1" height="1" alt="">`);
  return flat($.html());
}

/** Each goes through a whole corpus in one call. */
export const candidates = Object.fromEntries(
  ['rendered', 'vectors'].flatMap((corpus) =>
    Object.keys(REWRITERS).map((name) => [
      `${name}:${corpus}`,
      async () => {
        const service = await createService();
        const work = readMails(corpus).map((html) => REWRITERS[name](service, html));
        return (i) => {
          let length = 0;
          for (const one of work) length += one(RECIPIENTS[i % RECIPIENTS.length]).length;
          return length;
        };
      },
    ]),
  ),
);
