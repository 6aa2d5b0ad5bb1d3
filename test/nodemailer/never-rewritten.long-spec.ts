import { jest } from '@jest/globals';
import { serviceFor } from '../support/service.js';
import { NODEMAILERS, NOTHING } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const HTML = '<p><a href="https://www.example.com/sale">Sale</a></p>';
const MAIL = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hi', html: HTML };
const ICS = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n';
const EML = 'Subject: Re\r\n\r\nHi\r\n';
const RAW = `From: shop@example.com\r\nTo: ann@example.com\r\n\r\n${HTML}\r\n`;

const typed = (type: string): [string, object][] => [
  [`${type}, as an object`, { headers: { 'Content-Type': type } }],
  [`${type}, in capitals, as a list`, { headers: { 'CONTENT-TYPE': [type.toUpperCase()] } }],
  [`${type}, with parameters`, { headers: [{ key: 'content-type', value: `${type}; micalg=x` }] }],
  [`${type}, alone`, { headers: { key: 'Content-type', value: type } }],
  [`${type}, prepared`, { headers: { 'content-type': { prepared: true, value: type } } }],
];

const CASES: [reason: string, cases: [string, object][]][] = [
  [
    'raw',
    [
      ['a raw message', { raw: RAW }],
      ['raw HTML', { html: { raw: `Content-Type: text/html\r\n\r\n${HTML}` } }],
      ['raw text', { text: { raw: 'Content-Type: text/plain\r\n\r\nHi' } }],
    ],
  ],
  [
    'signed',
    [
      ...typed('multipart/signed'),
      ...typed('multipart/encrypted'),
      ...typed('application/pkcs7-mime'),
    ],
  ],
  ['report', typed('multipart/report')],
  [
    'calendar',
    [
      ['icalEvent', { icalEvent: ICS }],
      ['icalEvent with a method', { icalEvent: { method: 'REQUEST', content: ICS } }],
      ['an alternative', { alternatives: [{ contentType: 'text/calendar; x=1', content: ICS }] }],
      ['an attachment', { attachments: [{ contentType: 'Text/Calendar', content: ICS }] }],
      ['an attachment by name', { attachments: [{ filename: 'a.ICS', content: ICS }] }],
      ['one attachment that is no list', { attachments: { filename: 'a.ics', content: ICS } }],
      ['a data URI', { attachments: [{ path: 'data:text/calendar;base64,QkVHSU4=' }] }],
    ],
  ],
  [
    'attached-message',
    [
      ['a type', { attachments: [{ contentType: 'message/rfc822', content: EML }] }],
      ['a name', { attachments: [{ filename: 'a.eml', content: EML }] }],
      ['an alternative', { alternatives: [{ contentType: 'message/rfc822', content: EML }] }],
      ['a status', { alternatives: [{ contentType: 'message/delivery-status', content: 'a' }] }],
    ],
  ],
  [
    'auto-submitted',
    [
      ['auto-replied', { headers: { 'Auto-Submitted': 'auto-replied' } }],
      ['auto-generated', { headers: { 'auto-submitted': ['auto-generated; owner=x'] } }],
      ['in an array', { headers: [{ key: 'AUTO-SUBMITTED', value: '(x) auto-notified' }] }],
    ],
  ],
  [
    'null-sender',
    ['', '<>', false, { address: '' }, [''], undefined].map((from) => [
      `${JSON.stringify(from)}`,
      { envelope: { from, to: 'ann@example.com' } },
    ]),
  ],
  ['off', [['both switches', { tracking: { openTracking: false, clickTracking: false } }]]],
  [
    'x-track',
    [['one each', { headers: { 'X-Track': 'opens' }, tracking: { openTracking: false } }]],
  ],
];

describe.each(NODEMAILERS)(
  'mails that are left alone, Nodemailer %s',
  (_version, createTransport) => {
    const composer = new Composer(createTransport, serviceFor());

    describe.each(CASES)('%s', (reason, cases) => {
      test.each(cases)('%s', async (_, special) => {
        const mail = { ...MAIL, messageId: '<1@example.com>', ...special };
        // The header is ours, and never sent.
        const { headers, ...others } = mail as { headers?: object };
        const plain = reason === 'x-track' ? others : { headers, ...others };
        const bare = await composer.composeBare(structuredClone(plain));
        const { wire, outcomes } = await composer.compose(mail);
        expect(wire).toBe(bare.wire);
        expect(outcomes).toEqual([
          { tracked: false, reason, messageId: '<1@example.com>', ...NOTHING },
        ]);
      });
    });

    test.each<[string, object]>([
      ['Auto-Submitted: no', { headers: { 'Auto-Submitted': 'No (a person)' } }],
      [
        'a sender in the envelope',
        { envelope: { from: '<b@example.com>', to: 'ann@example.com' } },
      ],
      ['a sender that is hard to read', { envelope: { from: '"a b"@example.com', to: 'a@b.com' } }],
      ['a PDF', { attachments: [{ filename: 'ics.pdf', content: 'x' }] }],
      [
        'a Content-Type as Nodemailer makes it',
        { headers: { 'X-Content-Type': 'multipart/signed' } },
      ],
    ])('%s: tracked', async (_, special) => {
      const { outcomes, parsed } = await composer.compose({ ...MAIL, ...special });
      expect(outcomes).toMatchObject([{ tracked: true }]);
      expect(parsed.html).toContain('https://t.example.com/click/');
    });

    test('reports the warnings of the message to the caller', async () => {
      const service = serviceFor();
      const warned = new Composer(createTransport, {
        isSealed: () => true,
        adaptMessage: (message) => {
          const adapted = service.adaptMessage(message);
          const warning = { code: 'SIGNED_OR_ENCRYPTED', message: 'PGP' } as never;
          return { ...adapted, report: { ...adapted.report, warnings: [warning] } };
        },
      });
      const html = '-----BEGIN PGP MESSAGE-----';
      const { outcomes, wire } = await warned.compose({ ...MAIL, html });
      expect(outcomes).toMatchObject([{ tracked: false, reason: 'signed' }]);
      expect(wire).toBe((await composer.composeBare({ ...MAIL, html })).wire);
    });

    test.each<[string, object, string[]]>([
      ['a URL', { list: { unsubscribe: 'https://e.com/u' } }, ['<https://e.com/u>']],
      ['an address', { list: { Unsubscribe: 'a@e.com' } }, ['<mailto:a@e.com>']],
      ['no scheme', { list: { unsubscribe: 'e.com/u' } }, ['<http://e.com/u>']],
      [
        'comments',
        { list: { unsubscribe: { url: 'https://e.com/u', comment: 'x' } } },
        ['<https://e.com/u>'],
      ],
      [
        'lists of lists',
        {
          list: {
            unsubscribe: [['https://e.com/u', { url: 'mailto:a@e.com' }], 'https://e.com/v'],
          },
        },
        ['<https://e.com/u>', '<mailto:a@e.com>', '<https://e.com/v>'],
      ],
      [
        'a header',
        { headers: { 'list-unsubscribe': '<https://e.com/u>, <mailto:a@e.com>' } },
        ['<https://e.com/u>, <mailto:a@e.com>'],
      ],
      [
        'both, and the options',
        {
          headers: [{ key: 'List-Unsubscribe', value: '<https://e.com/h>' }],
          list: { unsubscribe: 'https://e.com/l', help: 'https://e.com/help' },
          tracking: { listUnsubscribe: 'https://e.com/o' },
        },
        ['<https://e.com/h>', '<https://e.com/l>', 'https://e.com/o'],
      ],
    ])('List-Unsubscribe, %s, is handed on', async (_, special, expected) => {
      const service = serviceFor();
      const seen = jest.spyOn(service, 'adaptMessage');
      await new Composer(createTransport, service).compose({ ...MAIL, ...special });
      expect(seen.mock.lastCall![0].listUnsubscribe).toEqual(expected);
    });
  },
);
