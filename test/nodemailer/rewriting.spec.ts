import { serviceFor } from '../support/service.js';
import { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const LEAVE = 'https://www.example.com/leave?u=1';
const MAIL = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Hi',
  html: `<a href="https://www.example.com/sale" data-track-label="cta">Sale</a> <a href="${LEAVE}">x</a>`,
  text: 'Sale: https://www.example.com/sale',
};

/** What the plugin and the rewriting of mails do together. */
describe.each(NODEMAILERS)('the plugin, Nodemailer %s', (_version, createTransport) => {
  const compose = (mail: object) => new Composer(createTransport, serviceFor()).compose(mail);

  test.each<[string, object]>([
    ['list', { list: { unsubscribe: LEAVE } }],
    ['list with a comment', { list: { unsubscribe: [{ url: LEAVE, comment: 'Leave' }] } }],
    ['header', { headers: { 'List-Unsubscribe': `<mailto:x@example.com>, <${LEAVE}>` } }],
    ['option of tracked', { tracking: { listUnsubscribe: LEAVE } }],
  ])('leaves the URL of List-Unsubscribe alone in the body: %s', async (_, fields) => {
    const { parsed, outcomes } = await compose({ ...MAIL, ...fields });
    expect(parsed.html).toContain(`href="${LEAVE}"`);
    expect(outcomes[0]).toMatchObject({
      report: { links: [{ tracked: true }, { tracked: false, reason: 'unsubscribe' }] },
    });
  });

  test('tracks it where it is just a link', async () => {
    const { parsed } = await compose(MAIL);
    expect(parsed.html).not.toContain('https://www.example.com/');
    expect(parsed.html).not.toContain('data-track-label');
  });

  test('tracks the text part if it is asked for', async () => {
    expect((await compose(MAIL)).parsed.text?.trim()).toBe(MAIL.text);
    const { parsed } = await compose({ ...MAIL, tracking: { textTracking: true } });
    const [, url] = /^Sale: (\S+)$/m.exec(parsed.text!)!;
    expect(serviceFor().getClickTrackingResult(url!)).toMatchObject({
      trackedUrl: 'https://www.example.com/sale',
      part: 'text',
      recipient: 'ann@example.com',
    });
  });

  test('leaves a mail with PGP in a part alone', async () => {
    const text = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhttps://www.example.com/sale';
    const { parsed, outcomes } = await compose({ ...MAIL, text });
    expect(parsed.html).toBe(MAIL.html);
    expect(outcomes[0]).toMatchObject({ tracked: false, reason: 'signed' });
  });

  test('leaves an AMP part alone, and says so', async () => {
    const amp = '<html amp4email><a href="https://www.example.com/sale">Sale</a></html>';
    const { raw, outcomes } = await compose({ ...MAIL, amp });
    expect(raw).toContain('href="https://www.example.com/sale"');
    expect(outcomes[0]).toMatchObject({ report: { warnings: [{ code: 'AMP_NOT_TRACKED' }] } });
  });
});
