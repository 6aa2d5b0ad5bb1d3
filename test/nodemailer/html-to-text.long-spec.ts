import { trackingPlugin, type TrackingPluginDefaults } from 'nestjs-email-tracking/nodemailer';
import { simpleParser } from 'mailparser';
import { htmlToText } from 'nodemailer-html-to-text';
import { serviceFor } from '../support/service.js';
import { NODEMAILERS } from './nodemailers.js';

const MAIL = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Hi',
  html:
    '<p><a href="https://www.example.com/sale">Sale</a></p>' +
    '<p><a data-no-track href="https://www.example.com/reset?t=1">Reset</a></p>',
};
const TRACKING_URL = /https:\/\/t\.example\.com\/click\/[\w-]+/g;

describe.each(NODEMAILERS)(
  'nodemailer-html-to-text, Nodemailer %s',
  (_version, createTransport) => {
    const tracking = serviceFor();

    async function send(order: 'first' | 'last', defaults: TrackingPluginDefaults = {}) {
      const transport = createTransport({ streamTransport: true, buffer: true });
      const plugins = [htmlToText({ wordwrap: false }), trackingPlugin(tracking, defaults)];
      if (order === 'last') plugins.reverse();
      for (const plugin of plugins) transport.use('compile', plugin);
      const { message } = await transport.sendMail({ ...MAIL });
      const options = { skipTextToHtml: true, skipHtmlToText: true };
      const { html, text } = await simpleParser(message as Buffer, options);
      return { html: html || '', text: text?.trim() };
    }
    const partsOf = (text = '') =>
      text.match(TRACKING_URL)?.map((url) => tracking.getClickTrackingResult(url).part);

    test('makes the text of the untracked HTML if it comes first', async () => {
      const { html, text } = await send('first');
      expect(partsOf(html)).toEqual(['html']);
      expect(text).toBe(
        'Sale [https://www.example.com/sale]\n\nReset [https://www.example.com/reset?t=1]',
      );
    });

    test('gets its links tracked with textTracking, but for those that the HTML opts out', async () => {
      const { text } = await send('first', { textTracking: true });
      expect(partsOf(text)).toEqual(['text']);
      expect(text).toMatch(
        /^Sale \[https:\/\/t\.example\.com\/click\/[\w-]+\]\n\nReset \[https:\/\/www\.example\.com\/reset\?t=1\]$/,
      );
    });

    test('shows tracking URLs of the HTML in the text if it comes last', async () => {
      const { text } = await send('last');
      expect(partsOf(text)).toEqual(['html']);
    });
  },
);
