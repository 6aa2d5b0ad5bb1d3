// What one call of the public service costs, on each side.

import { readMails } from '../mails/corpus.mjs';
import { KEY, PAYLOADS } from '../reference.mjs';
import { appOf, packagesOf, SIDES } from './build.mjs';

const at = (i) => PAYLOADS[i % PAYLOADS.length];
const contextOf = ({ metadata }) => ({ messageId: metadata.message_id });

/** Each gets the service and makes what is called with 0, 1, 2, … */
const CALLS = {
  'sealing a click link': (service) => (i) =>
    service.getClickTrackingUrl(at(i).url, at(i).metadata, contextOf(at(i))),

  'sealing an open link': (service) => (i) =>
    service.getOpenTrackingUrl(at(i).metadata, contextOf(at(i))),

  'reading a click link'(service) {
    const urls = PAYLOADS.map(({ url, metadata }) => service.getClickTrackingUrl(url, metadata));
    return (i) => service.getClickTrackingResult(urls[i % urls.length]);
  },

  'a fernet link, sealed and read': (service) => (i) =>
    service.getClickTrackingResult(
      service.getClickTrackingUrl(at(i).url, at(i).metadata, { format: 'fernet' }),
      null,
      { format: 'fernet' },
    ),

  adaptHtml(service) {
    const mails = readMails('rendered');
    return (i) =>
      mails.reduce((sum, html) => sum + service.adaptHtml(html, contextOf(at(i))).length, 0);
  },

  'render of a compiled mail'(service) {
    const mails = readMails('rendered').map((html) => service.compileMessage({ html }));
    return (i) => mails.reduce((sum, mail) => sum + mail.render(contextOf(at(i))).html.length, 0);
  },
};

export const NAMES = Object.keys(CALLS);

export const candidates = Object.fromEntries(
  Object.keys(SIDES).flatMap((side) =>
    NAMES.map((name) => [
      `${side}: ${name}`,
      async () => {
        const packages = packagesOf(side);
        const app = await packages.NestFactory.createApplicationContext(
          appOf(packages, { encryptionKey: KEY, controllers: false }),
          { logger: false },
        );
        return CALLS[name](app.get(packages.TrackingService));
      },
    ]),
  ),
);
