import { OTHER_KEY } from '../support/app.js';
import { MAIL_CODES } from '../../lib/doctor/mail-codes.js';
import {
  adapted,
  codesOf,
  examine,
  healthyMail,
  OPTIONS,
  partsFor,
  sent,
  service,
} from './mail-kit.js';

const { html, text } = adapted();
const ONE_CLICK = 'List-Unsubscribe=One-Click';
const LEAVE = service.getUnsubscribeUrl({ recipient: 'ann@example.com', list: 'news' });
const HEADERS = {
  'List-Unsubscribe': { prepared: true, value: `<${LEAVE}>` },
  'List-Unsubscribe-Post': ONE_CLICK,
};
const pixelOf = (src: string) =>
  html.replace('</p>', `</p><img src="${src}" width="1" height="1">`);
const withHeaders = (changes: object) =>
  sent({ html, text }, { headers: { ...HEADERS, ...changes } });

describe('a healthy mail', () => {
  test('of the product, sent through Nodemailer with DKIM and for a list, passes', async () => {
    const raw = await healthyMail();
    expect(raw).toMatch(/^DKIM-Signature:/im);
    expect(raw).toMatch(/^List-Unsubscribe-Post:/im);
    expect(raw).toMatch(/=\r\n/);
    expect(await examine(raw)).toEqual([]);
  });

  test.each([
    ['base64', { textEncoding: 'base64' }],
    [
      'with an attachment and an inline image',
      { attachments: [{ content: 'a' }, { content: 'b', cid: 'c' }] },
    ],
    ['in plain text alone', { html: undefined, tracking: { textTracking: true } }],
    ['in HTML alone', { text: undefined }],
    ['with a mailto: beside the URL', { headers: {} }],
  ])('passes: %s', async (_, changes) => {
    expect(await examine(await healthyMail(changes))).toEqual([]);
  });

  test.each([
    ['utf-16le', 'utf16le'],
    ['iso-2022-jp', 'latin1'],
    ['no-such-charset', 'latin1'],
  ] as const)('passes in %s', async (charset, encoding) => {
    const head = (await sent({ html: 'x' }, { text: undefined })).split('\r\n\r\n')[0]!;
    const body = Buffer.from(html, encoding).toString('base64').replace(/.{76}/g, '$&\r\n');
    const raw = head
      .replace(/charset=utf-8/i, `charset=${charset}`)
      .replace(/(?<=Content-Transfer-Encoding: ).*/, 'base64');
    const alone = raw.replace(/(?<=Content-Type: ).*(?:\r\n .*)*/, `text/html; charset=${charset}`);
    expect(await examine(`${alone}\r\n\r\n${body}`)).toEqual([]);
  });

  test('an attached message is not looked into', async () => {
    const inner = await sent({ html: html.replaceAll('/click/p', '/click/x') }, { headers: {} });
    const attachments = [
      {
        filename: 'a.eml',
        contentType: 'message/rfc822',
        content: inner,
        contentDisposition: 'inline',
      },
    ];
    expect(await examine(await sent({ html, text }, { attachments }))).toEqual([]);
  });
});

const other = adapted({ html: '<a href="https://shop.example.net/">https://www.example.com</a>' });
const damaged = html.replaceAll(/(\/click\/.{30})/g, '$1!!');
const huge = html + '<!-- filler -->'.repeat(7000);
const faults: [
  title: string,
  code: keyof typeof MAIL_CODES,
  raw: () => Promise<string>,
  seen: RegExp,
][] = [
  ['no mail', 'MAIL_UNREADABLE', () => Promise.resolve('\0\x01'.repeat(9)), /no part/],
  ['no HTML or text', 'MAIL_UNREADABLE', () => sent({ text: '' }, { headers: {} }), /no part/],
  [
    'no link of ours',
    'MAIL_NOT_TRACKED',
    () => sent({ html: '<a href="https://e.com/">x</a>', text: 'x' }, { headers: {} }),
    /^none among 1 links$/,
  ],
  [
    'no link of ours but in the headers of its list',
    'MAIL_NOT_TRACKED',
    () => sent({ html: '<a href="https://e.com/">x</a>', text: 'x' }),
    /^none among 1 links$/,
  ],
  [
    'damaged links',
    'LINKS_UNREADABLE',
    () => sent({ html: damaged, text }),
    /^2 of 5 links of this app: INVALID_TOKEN \(2\)$/,
  ],
  [
    'text of another host',
    'TEXT_NAMES_ANOTHER_HOST',
    () => sent(other),
    /^the text names example\.com, the link leads to shop\.example\.net$/,
  ],
  [
    'over the limit of Gmail',
    'MAIL_CLIPPED_BY_GMAIL',
    () => sent({ html: huge, text }),
    /^HTML of 10\d{4} bytes$/,
  ],
  [
    'the pixel of a provider',
    'SECOND_PIXEL',
    () => sent({ html: pixelOf('https://url1.example.com/wf/open?upn=u001.Abc'), text }),
    /^a pixel of SendGrid, url1\.example\.com$/,
  ],
  [
    'the pixel of an unknown service',
    'SECOND_PIXEL',
    () => sent({ html: pixelOf('https://px.example.org/o?id=70013562'), text }),
    /^a pixel of px\.example\.org$/,
  ],
  [
    'two pixels of ours',
    'SECOND_PIXEL',
    () => sent({ html: pixelOf(service.getOpenTrackingUrl({ a: 1 })), text }),
    /^2 pixels of this app$/,
  ],
  [
    'no signature',
    'DKIM_MISSING',
    () => sent({ html, text }, { dkim: undefined }),
    /^no DKIM-Signature$/,
  ],
  [
    'a signature that leaves out one header',
    'DKIM_WITHOUT_LIST_HEADERS',
    () => signedFor('From:List-Unsubscribe'),
    /^one signature, without List-Unsubscribe-Post$/,
  ],
  [
    'a header in each of two signatures',
    'DKIM_WITHOUT_LIST_HEADERS',
    () => signedFor('From:List-Unsubscribe', 'From:List-Unsubscribe-Post'),
    /^2 signatures, without List-Unsubscribe and/,
  ],
  [
    'no brackets',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () => withHeaders({ 'List-Unsubscribe': LEAVE }),
    /angle brackets/,
  ],
  [
    'no URL',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () => withHeaders({ 'List-Unsubscribe': '<https://>' }),
    /no URL/,
  ],
  [
    'words beside the URL',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () => withHeaders({ 'List-Unsubscribe': 'Leave <https://e.com/>' }),
    /more than URLs/,
  ],
  [
    'a comment that does not end',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () => withHeaders({ 'List-Unsubscribe': '<https://e.com/> (Web' }),
    /more than URLs/,
  ],
  [
    'a fold inside the URL',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () =>
      withHeaders({
        'List-Unsubscribe': {
          prepared: true,
          value: `<${LEAVE.slice(0, 60)}\r\n ${LEAVE.slice(60)}>`,
        },
      }),
    /folded/,
  ],
  [
    'two headers',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () => withHeaders({ 'List-Unsubscribe': [`<${LEAVE}>`, '<https://e.com/>'] }),
    /^2 headers/,
  ],
  [
    'another Post',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () => withHeaders({ 'List-Unsubscribe-Post': 'yes' }),
    /another value/,
  ],
  [
    'Post alone',
    'LIST_UNSUBSCRIBE_MALFORMED',
    () => sent({ html, text }, { headers: { 'List-Unsubscribe-Post': ONE_CLICK } }),
    /without List-Unsubscribe$/,
  ],
  [
    'no Post',
    'LIST_UNSUBSCRIBE_NOT_ONE_CLICK',
    () => sent({ html, text }, { headers: { 'List-Unsubscribe': HEADERS['List-Unsubscribe'] } }),
    /no List-Unsubscribe-Post/,
  ],
  [
    'no https',
    'LIST_UNSUBSCRIBE_NOT_ONE_CLICK',
    () => withHeaders({ 'List-Unsubscribe': '<mailto:leave@example.com>' }),
    /no https/,
  ],
  [
    'no header of a list',
    'LIST_UNSUBSCRIBE_NOT_ONE_CLICK',
    () => sent({ html, text }, { headers: {} }),
    /no List-Unsubscribe, but/,
  ],
];

async function signedFor(...fields: string[]): Promise<string> {
  const raw = await sent({ html, text }, { dkim: undefined });
  return (
    fields
      .map((h) => `DKIM-Signature: v=1; a=rsa-sha256;\r\n h=${h.replace(':', ':\r\n ')}; b=x\r\n`)
      .join('') + raw
  );
}

describe('one fault gives its code, and no other', () => {
  test.each(faults)('%s: %s', async (_, code, raw, seen) => {
    const findings = await examine(await raw());
    expect(findings).toMatchObject([
      { code, ...MAIL_CODES[code], seen: expect.stringMatching(seen) },
    ]);
    expect(findings[0]!.seen).not.toMatch(/https?:|ann@|[\w-]{40}/);
  });

  test('one signature of several that covers both headers suffices', async () => {
    const raw = await signedFor('From', 'From:List-Unsubscribe-Post:List-Unsubscribe');
    expect(await examine(raw)).toEqual([]);
  });

  test.each([
    ['a key that is gone', partsFor({ encryptionKey: OTHER_KEY }), /^5 of 5 .* UNKNOWN_KEY \(5\)$/],
    [
      'a destination that is refused',
      partsFor({ redirect: { allowHosts: ['www.example.com'] } }),
      /^1 of 5 .* UNSAFE_URL$/,
    ],
    [
      'links that are too old',
      partsFor({ maxAgeSeconds: 60 }, () => Date.now() + 1e6),
      /expired \(\d\)$/,
    ],
  ])('%s: LINKS_UNREADABLE', async (_, parts, seen) => {
    expect(await examine(await sent({ html, text }), parts)).toMatchObject([
      { code: 'LINKS_UNREADABLE', seen: expect.stringMatching(seen) },
    ]);
  });
});

test('comments beside the URLs of List-Unsubscribe are allowed', async () => {
  const value = `(a \\) <b> (c (d)))\r\n <${LEAVE}> (Web), <mailto:leave@example.com?subject=(x)> (Mail)`;
  expect(
    await examine(await withHeaders({ 'List-Unsubscribe': { prepared: true, value } })),
  ).toEqual([]);
});

const TOKEN = '01KHP4QZR0ZYHK4RYTB2F86GVG';
test.each([
  ['size="1" in attributes', `src="https://px.example/o/${TOKEN}.gif" width="1" height="1"`],
  ['an address', 'src="https://px.example/o?who=ann%40e.com" width="0" height="0"'],
  [
    '!important',
    `src="https://px.example/${TOKEN}" style="height:1px !important;width:1px !important"`,
  ],
  ['no size, hidden', `src="https://px.example/${TOKEN}" style="display:none"`],
  ['one side, hidden', `src="https://px.example/${TOKEN}" height="1" style="DISPLAY : none;"`],
  [
    'style over attributes',
    `src="https://px.example/${TOKEN}" width="9" height="9" style="width:0;height:0"`,
  ],
])('an image is the pixel of another tracker: %s', async (_, attributes) => {
  expect(await codesOf(await sent({ html: `${html}<img ${attributes}>`, text }))).toEqual([
    'SECOND_PIXEL',
  ]);
});

test.each([
  'width="600" style="display:none" src="https://cdn.example/summer-sale-banner.png"',
  `width="600" style="display:none" src="https://cdn.example/${TOKEN}.png"`,
  `style="display:none; width:100%; height:auto" src="https://cdn.example/${TOKEN}.png"`,
  'style="display:none" src="https://cdn.example/summer-sale-banner-2026-07-15.png"',
  'width="1" height="1" src="https://cdn.example/spacer.gif?v=2"',
  'width="1" height="1" src="https://cdn.example/spacer.gif?a=b&amp;v=20260715"',
  'width="1" height="1" src="https://cdn.example/transparent-spacer-image.gif?format=original"',
  `width="1" height="40" src="https://cdn.example/${TOKEN}.gif"`,
])('an image is no pixel: %s', async (attributes) => {
  expect(await examine(await sent({ html: `${html}<img ${attributes}>`, text }))).toEqual([]);
});

test('base URLs that are the same for all purposes: each link is read as what it is', async () => {
  const base = 'https://t.example.com/click/';
  const parts = partsFor({ baseOpenTrackingUrl: base, baseUnsubscribeUrl: base });
  const same = (raw: string) => raw.replaceAll(/\/(?:open|leave)\//g, '/click/');
  expect(
    await codesOf(
      await sent(
        { html: same(html), text: same(text) },
        { headers: { ...HEADERS, 'List-Unsubscribe': `<${same(LEAVE)}>` } },
      ),
      parts,
    ),
  ).toEqual([]);
});

test.each([
  ['the same', 'https://t.example.com/click/', 'https://t.example.com/click/'],
  ['one below the other', 'https://t.example.com/', 'https://t.example.com/u/'],
])('base URLs that are %s: the missing header of a list is noticed', async (_, click, leave) => {
  const parts = partsFor({ baseClickTrackingUrl: click, baseUnsubscribeUrl: leave });
  const moved = (raw: string) =>
    raw
      .replaceAll(OPTIONS.baseClickTrackingUrl!, click)
      .replaceAll(OPTIONS.baseUnsubscribeUrl!, leave);
  const raw = await sent({ html: moved(html), text: moved(text) }, { headers: {} });
  expect(await codesOf(raw, parts)).toEqual(['LIST_UNSUBSCRIBE_NOT_ONE_CLICK']);
});

test('an http: link of ours is ours, and a link to the base URL is not', async () => {
  const changed = html.replaceAll('https://t.example', 'http://t.example');
  const home = `<a href="${OPTIONS.baseClickTrackingUrl}">Home</a>`;
  expect(await codesOf(await sent({ html: changed + home, text }))).toEqual([]);
});
