import zlib, { deflateSync } from 'node:zlib';
import { MAIL_CODES } from '../../lib/doctor/mail-codes.js';
import { MAX_MAIL_BYTES } from '../../lib/doctor/read-mail.js';
import { doctor, examine, service } from './mail-kit.js';

const HEAD = 'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n';
const htmlMail = (html: string) => `${HEAD}\r\n${html}`;
const MIB = 1024 * 1024;
/** Each takes as many bytes as are asked for. */
const filled = (unit: (i: number) => string, bytes: number) => {
  const units: string[] = [];
  for (let i = 0, size = 0; size < bytes; i++) size += units[units.push(unit(i)) - 1]!.length;
  return units.join('');
};
const bomb = deflateSync('x'.repeat(50 * MIB))
  .toString('base64url')
  .slice(0, 15_000);
const own = service.getClickTrackingUrl('https://www.example.com/');

const mails: [title: string, mail: (bytes: number) => string][] = [
  [
    'links of ours that are damaged',
    (n) => htmlMail(filled((i) => `<a href="${own}${i}">x</a>`, n)),
  ],
  [
    'wrapped links',
    (n) =>
      htmlMail(
        filled((i) => `<a href="https://a.example/?${i}&u=${encodeURIComponent(own)}">x</a>`, n),
      ),
  ],
  [
    'links in links',
    (n) =>
      htmlMail(
        filled(
          (i) => `<a href="https://a.example/${i}/${'https:/%252f%2f/'.repeat(900)}">x</a>`,
          n,
        ),
      ),
  ],
  [
    'compressed bombs',
    (n) => htmlMail(filled((i) => `<a href="https://a.example/c/${bomb}/${i}">x</a>`, n)),
  ],
  [
    'small pieces that do not decode',
    (n) => htmlMail(filled((i) => `<a href="https://a.example/${i}${pieces(500)}">x</a>`, n)),
  ],
  [
    'escapes of escapes',
    (n) =>
      htmlMail(filled((i) => `<a href="https://a.example/${i}/%${'25'.repeat(8000)}41">x</a>`, n)),
  ],
  [
    'backslashes and hyphens',
    (n) =>
      htmlMail(
        filled((i) => `<a href="https://a.example/?${i}-3A__${'\\-2D_'.repeat(3000)}">x</a>`, n),
      ),
  ],
  ['one URL', (n) => htmlMail(`<a href="https://a.example/${'lnk/a/f/a/~'.repeat(n / 11)}">x</a>`)],
  [
    'base64 in base64',
    (n) => htmlMail(filled((i) => `<a href="https://a.example/${i}?u=${nested(8)}">x</a>`, n)),
  ],
  [
    'images with styles',
    (n) =>
      htmlMail(
        filled((i) => `<img src="https://a.example/${i}?" style="${'width  :'.repeat(400)}">`, n),
      ),
  ],
  ['open tags', (n) => htmlMail('<a href="https://a.example'.repeat(n / 26))],
  ['plain text of URLs', (n) => `Subject: x\r\n\r\n${filled((i) => `https://a.example/${i} `, n)}`],
  ['empty lines', (n) => `Subject: x\r\n\r\n${'\n'.repeat(n)}`],
  ['lines as many as are read', () => `Subject: x\r\n\r\n${'x\n'.repeat(100_000)}`],
  ['a head without end', (n) => 'X: y\r\n'.repeat(n / 6)],
  ['one header of unsubscribe', (n) => `List-Unsubscribe: ${'<'.repeat(n / 64)}\r\n${HEAD}\r\nx`],
  ['comments that do not end', (n) => `List-Unsubscribe: ${'(\\('.repeat(n / 8)}\r\n${HEAD}\r\nx`],
  [
    'headers of unsubscribe',
    () => `${'List-Unsubscribe: <https://e.com/>, <\r\n '.repeat(10_000)}\r\n${HEAD}\r\nx`,
  ],
  ['signatures', () => `${`DKIM-Signature: h=${'a:'.repeat(500)};\r\n`.repeat(400)}${HEAD}\r\nx`],
  [
    'boundaries',
    () =>
      `${HEAD.replace('text/html', 'multipart/mixed; boundary=b')}\r\n${'--b\r\n\r\n'.repeat(19_000)}`,
  ],
  ['parts in parts', () => nestedParts(31)],
  ['parts that are too deep', () => nestedParts(300)],
];

/** Pieces that look as if they were compressed, each another one. */
function pieces(count: number): string {
  return Array.from({ length: count }, (_, i) => `/eJ${String(i).padStart(22, 'A')}`).join('');
}

function nested(depth: number): string {
  let text = own;
  for (let i = 0; i < depth; i++)
    text = Buffer.from(`https://a.example/?u=${text}`).toString('base64url');
  return text;
}

function nestedParts(depth: number): string {
  const open = (i: number) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
  const lines = '--bx\r\n'.repeat(19_000);
  return `${Array.from({ length: depth }, (_, i) => open(i)).join('')}Content-Type: text/html\r\n\r\n${lines}`;
}

/** Far more than any of them takes, and far less than one whose time grows with the square. */
const LIMIT = 60_000;

test.each(mails)(
  'a mail of %s ends',
  async (_, mail) => {
    for (const finding of await examine(mail(MIB))) {
      expect(finding.seen.length).toBeLessThan(500);
      expect(finding.seen).not.toContain(own.slice(-40));
    }
  },
  LIMIT,
);

describe('the report says what was examined', () => {
  const LOST = 'MAIL_UNREADABLE';

  test.each([
    ['too large', () => 'x'.repeat(MAX_MAIL_BYTES + 1)],
    ['no mail', () => '--b\n'.repeat(20_001)],
    ['without text', () => 'Subject: x\r\n\r\n'],
  ])('nothing of a mail that is %s, whatever is asked for', async (_, mail) => {
    for (const options of [{}, { only: ['DKIM_MISSING' as const] }]) {
      const report = await doctor.examineMail(mail(), options);
      expect(report).toEqual({
        findings: [expect.objectContaining({ code: LOST })],
        examined: [LOST],
      });
    }
  });

  test('all, or what is asked for, of a mail that was read', async () => {
    const { examined } = await doctor.examineMail(htmlMail('x'));
    expect(examined).toEqual(Object.keys(MAIL_CODES));
    const only = ['DKIM_MISSING' as const];
    const report = await doctor.examineMail(htmlMail('x'), { only });
    expect(report).toEqual({
      findings: [expect.objectContaining({ code: only[0] })],
      examined: only,
    });
  });

  test('of a mail with too many URLs, also that not all was read', async () => {
    const html = filled((i) => `<a href="https://a.example/${i}">x</a>`, MIB);
    const report = await doctor.examineMail(htmlMail(html), { only: ['DKIM_MISSING'] });
    expect(report.examined).toEqual([LOST, 'DKIM_MISSING']);
    expect(report.findings[0]).toMatchObject({
      code: LOST,
      seen: expect.stringMatching(/^\d{5} URLs, of which 10000 were examined$/),
    });
  });
});

test('of many pieces in a URL, 16 are decoded', async () => {
  const inflate = jest.spyOn(zlib, 'inflateSync');
  await examine(htmlMail(`<a href="https://a.example${pieces(500)}?${pieces(100)}%41">x</a>`));
  expect(inflate).toHaveBeenCalledTimes(16);
});
