import { TrackingError, type TrackingOptions } from 'nestjs-email-tracking';
import { KEY, OTHER_KEY } from '../support/app.js';
import { serviceFor } from '../support/service.js';

const BASE = 'https://t.example.com/unsubscribe/';
const serviceWith = (changes: TrackingOptions = {}) =>
  serviceFor({ baseUnsubscribeUrl: BASE, ...changes });
const tracking = serviceWith();
const SUBJECT = { recipient: 'ann@example.com', list: 'news', messageId: '<7@example.com>' };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TrackingError) return error.code;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const tokenOf = (url: string) => url.slice(BASE.length);

describe('an unsubscribe link', () => {
  it.each([
    'ann+news@example.com',
    '"quo ted"@example.com',
    "o'neil@example.com",
    'ann@bücher.example',
    'ANN@Example.COM',
    `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.io`,
  ])('comes back with its recipient: %s', (recipient) => {
    const result = tracking.getUnsubscribeResult(
      tracking.getUnsubscribeUrl({ ...SUBJECT, recipient }),
    );
    expect(result).toMatchObject({
      recipient,
      list: 'news',
      messageId: '<7@example.com>',
      purpose: 'unsubscribe',
      isUnsubscribeLink: true,
      format: 'packed',
    });
  });

  it.each(['__proto__', 'constructor', 'Wöchentlich ✉', 'a'.repeat(128)])(
    'comes back with its list: %s',
    (list) => {
      const url = tracking.getUnsubscribeUrl({ ...SUBJECT, list });
      expect(tracking.getUnsubscribeResult(url).list).toBe(list);
    },
  );

  it('keeps the time that it was given', () => {
    const sentAt = new Date('2020-02-29T12:00:00Z');
    const url = tracking.getUnsubscribeUrl({ ...SUBJECT, sentAt });
    expect(tracking.getUnsubscribeResult(url).sentAt).toEqual(sentAt);
  });

  it.each(['plain', 'fernet'] as const)('is packed with format %s', (format) => {
    const service = serviceWith({ format, accept: ['plain', 'fernet'] });
    const url = service.getUnsubscribeUrl(SUBJECT);
    expect(tokenOf(url)).toMatch(/^p/);
    expect(service.getUnsubscribeResult(url).recipient).toBe('ann@example.com');
  });

  it.each(['packed', 'fernet', 'plain'] as const)(
    'is not what opens and clicks are: their %s tokens are refused',
    (format) => {
      const service = serviceWith({ format });
      const context = { recipient: 'ann@example.com' };
      for (const url of [
        service.getOpenTrackingUrl({ list: 'news' }, context),
        service.getClickTrackingUrl('https://example.com/', { list: 'news' }, context),
      ]) {
        expect(['INVALID_TOKEN', 'WRONG_PURPOSE']).toContain(
          codeOf(() => service.getUnsubscribeResult(url)),
        );
      }
    },
  );

  it('cannot be read as an open or a click', () => {
    const url = tracking.getUnsubscribeUrl(SUBJECT);
    expect(codeOf(() => tracking.getClickTrackingResult(url))).toBe('WRONG_PURPOSE');
    expect(codeOf(() => tracking.getOpenTrackingResult(url))).toBe('WRONG_PURPOSE');
  });

  it('of one tenant is unreadable for another', () => {
    const url = tracking.getUnsubscribeUrl(SUBJECT, { context: 'acme' });
    const read = (context: string) => tracking.getUnsubscribeResult(url, { context });
    expect(read('acme').list).toBe('news');
    expect(codeOf(() => read('other'))).toBe('INVALID_TOKEN');
  });

  it('of a retired key is read, and nothing else is', () => {
    const before = serviceWith({ encryptionKey: OTHER_KEY });
    const after = serviceWith({ encryptionKey: KEY, retiredKeys: OTHER_KEY });
    expect(after.getUnsubscribeResult(before.getUnsubscribeUrl(SUBJECT)).list).toBe('news');
    const click = before.getClickTrackingUrl('https://example.com/');
    expect(codeOf(() => after.getClickTrackingResult(click))).toBe('UNKNOWN_KEY');
    expect(after.getUnsubscribeResult(after.getUnsubscribeUrl(SUBJECT)).keyId).not.toBe(
      before.getUnsubscribeResult(before.getUnsubscribeUrl(SUBJECT)).keyId,
    );
  });

  it('of a retired key is unreadable for a call that has none', () => {
    const url = serviceWith({ encryptionKey: OTHER_KEY }).getUnsubscribeUrl(SUBJECT);
    const service = serviceWith({ retiredKeys: [OTHER_KEY] });
    expect(codeOf(() => service.getUnsubscribeResult(url, { retiredKeys: [] }))).toBe(
      'UNKNOWN_KEY',
    );
  });

  it('is unreadable when its key is gone', () => {
    const url = serviceWith({ encryptionKey: OTHER_KEY }).getUnsubscribeUrl(SUBJECT);
    expect(codeOf(() => tracking.getUnsubscribeResult(url))).toBe('UNKNOWN_KEY');
  });

  it.each([
    ['an unknown list', { list: 'offers' }, 'INVALID_METADATA'],
    ['a list that every object has', { list: 'constructor' }, 'INVALID_METADATA'],
    ['no list', { list: '' }, 'INVALID_METADATA'],
    ['129 characters', { list: 'a'.repeat(129) }, 'INVALID_METADATA'],
    ['no address', { recipient: 'ann' }, 'INVALID_METADATA'],
    ['a line break', { recipient: 'ann@example.com\r\nBcc: eve@example.com' }, 'INVALID_METADATA'],
    ['321 characters', { recipient: `${'a'.repeat(320)}@` }, 'INVALID_METADATA'],
    ['a message id without end', { messageId: 'm'.repeat(3000) }, 'URL_TOO_LONG'],
  ])('is not written for %s', (_, wrong, code) => {
    const service = serviceWith({ unsubscribe: { lists: { news: { title: 'News' } } } });
    expect(codeOf(() => service.getUnsubscribeUrl({ ...SUBJECT, ...wrong }))).toBe(code);
  });

  it('needs a base', () => {
    expect(codeOf(() => serviceFor().getUnsubscribeUrl(SUBJECT))).toBe('INVALID_OPTIONS');
  });
});

describe('the subject of a mail', () => {
  const url = tracking.getUnsubscribeUrl(SUBJECT);
  const token = tokenOf(url);
  const half = Math.floor(token.length / 2);
  const base64 = (text: string) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
  const quoted = (text: string) =>
    `=?iso-8859-1?q?${text.replaceAll('_', '=5F').replaceAll(' ', '_')}?=`;

  it.each([
    ['as it is written', `unsubscribe ${token}`],
    ['behind Re:', `Re: RE: unsubscribe ${token}`],
    ['in quotes', `"unsubscribe ${token}"`],
    ['with words around it', `please unsubscribe ${token} thank you`],
    ['folded before the token', `unsubscribe\r\n ${token}`],
    ['folded inside of the token', `unsubscribe ${token.slice(0, half)}\r\n ${token.slice(half)}`],
    ['unfolded by a program', `unsubscribe ${token.slice(0, half)} ${token.slice(half)}`],
    ['in base64', base64(`unsubscribe ${token}`)],
    ['in quoted-printable', quoted(`unsubscribe ${token}`)],
    [
      'in two encoded words',
      `${base64(`unsubscribe ${token.slice(0, half)}`)}\r\n ${base64(token.slice(half))}`,
    ],
    ['in a mailto: URL', `mailto:leave@example.com?subject=unsubscribe%20${token}`],
    ['twice', `unsubscribe ${token} (was: unsubscribe ${token})`],
  ])('is read %s', (_, subject) => {
    expect(tracking.getUnsubscribeResult(subject)).toMatchObject(SUBJECT);
  });

  it.each([
    ['no token', 'please unsubscribe me'],
    ['a damaged token', `unsubscribe ${token.slice(0, -4)}AAAA`],
    [
      'two tokens',
      `unsubscribe ${token} ${tokenOf(tracking.getUnsubscribeUrl({ ...SUBJECT, list: 'offers' }))}`,
    ],
    ['100 kB', `unsubscribe ${token} ${'x '.repeat(50_000)}`],
  ])('is refused with %s', (_, subject) => {
    expect(codeOf(() => tracking.getUnsubscribeResult(subject))).toBe('INVALID_TOKEN');
  });
});

describe('the headers of a mail', () => {
  it('hold the https URL and the promise of one click', () => {
    const headers = tracking.getListHeaders(SUBJECT);
    expect(headers).toEqual({
      'List-Unsubscribe': expect.stringMatching(
        /^<https:\/\/t\.example\.com\/unsubscribe\/p[\w-]+>$/,
      ),
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  it('hold a mailto: URL with the same token behind it', () => {
    const service = serviceWith({ unsubscribe: { mailto: 'leave+news@example.com' } });
    const [web, mail] = service.getListHeaders(SUBJECT)['List-Unsubscribe'].split(', ');
    const token = tokenOf(web!.slice(1, -1));
    expect(mail).toBe(`<mailto:leave%2Bnews@example.com?subject=unsubscribe%20${token}>`);
    expect(service.getUnsubscribeResult(mail!.slice(1, -1))).toMatchObject(SUBJECT);
  });

  it('leave the mailto: URL out where its subject would pass 255 characters', () => {
    const service = serviceWith({ unsubscribe: { mailto: 'leave@example.com' } });
    const recipient = `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.io`;
    const headers = service.getListHeaders({ ...SUBJECT, recipient });
    expect(headers['List-Unsubscribe']).not.toContain('mailto:');
  });

  it.each(['news.example.com', '<news.example.com>'])('hold the List-Id of %s', (listId) => {
    const headers = tracking.getListHeaders({ ...SUBJECT, listId });
    expect(headers['List-Id']).toBe('<news.example.com>');
  });

  it.each(['', 'two words', 'news.example.com\r\nBcc: eve@example.com', 'a..b', '<a'])(
    'refuse the List-Id %j',
    (listId) => {
      expect(codeOf(() => tracking.getListHeaders({ ...SUBJECT, listId }))).toBe(
        'INVALID_METADATA',
      );
    },
  );

  it('refuse a URL that no line of a header holds', () => {
    const messageId = `<${'m'.repeat(700)}@example.com>`;
    expect(codeOf(() => tracking.getListHeaders({ ...SUBJECT, messageId }))).toBe('URL_TOO_LONG');
  });
});

describe('the options', () => {
  const problem = (changes: TrackingOptions) => {
    try {
      serviceFor(changes);
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  };

  it.each([
    ['http: on the internet', { baseUnsubscribeUrl: 'http://t.example.com/u/' }, 'https:'],
    [
      'no key',
      { baseUnsubscribeUrl: BASE, format: 'plain', encryptionKey: undefined },
      'encryptionKey',
    ],
    ['a key that is still in use', { retiredKeys: KEY }, 'retiredKeys'],
    ['a list without title', { unsubscribe: { lists: { news: {} } } }, 'unsubscribe.lists'],
    ['no list at all', { unsubscribe: { lists: {} } }, 'unsubscribe.lists'],
    ['a mailto: URL as address', { unsubscribe: { mailto: 'mailto:a@b.c' } }, 'unsubscribe.mailto'],
    ['a contact of another scheme', { unsubscribe: { contact: 'javascript:1' } }, 'contact'],
    ['a misspelt option', { unsubscribe: { list: {} } }, 'unsubscribe.list'],
    [
      'unsubscribes in the body of pytracking',
      { webhooks: [{ url: 'https://h.example.com/', events: ['unsubscribe'] }] },
      'webhooks.0.events',
    ],
  ])('refuse %s', (_, changes, named) => {
    expect(problem(changes as TrackingOptions)).toContain(named);
  });

  it('allow http: on loopback addresses', () => {
    expect(problem({ baseUnsubscribeUrl: 'http://127.0.0.1:3000/u/' })).toBe('none');
  });
});
