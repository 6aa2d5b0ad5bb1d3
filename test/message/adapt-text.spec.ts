import { decode, tracking } from './readable-links.js';

const TRACKING = /https:\/\/t\.example\.com\/click\/[\w-]+/g;

/** The text with each tracking URL as `[where it leads]`. */
function adapt(text: string, service = tracking): string {
  return service.adaptText(text, {}).replace(TRACKING, (url) => `[${decode(url).url}]`);
}

describe('adaptText', () => {
  it.each([
    ['https://e.com', '[https://e.com]'],
    ['Read on: http://e.com/a?b=c&d#e', 'Read on: [http://e.com/a?b=c&d#e]'],
    ['HTTPS://E.com/', '[HTTPS://E.com/]'],
    ['See https://e.com/a.', 'See [https://e.com/a].'],
    [
      'https://e.com/a, https://e.com/b; https://e.com/c!?',
      '[https://e.com/a], [https://e.com/b]; [https://e.com/c]!?',
    ],
    ['https://e.com/a,https://e.com/b', '[https://e.com/a],[https://e.com/b]'],
    ['<https://e.com/a>', '<[https://e.com/a]>'],
    ['<URL:https://e.com/a>', '<URL:[https://e.com/a]>'],
    ['(https://e.com/a)', '([https://e.com/a])'],
    ['(see https://e.com/a_(b))', '(see [https://e.com/a_(b)])'],
    ['https://e.com/a_(b)_(c)', '[https://e.com/a_(b)_(c)]'],
    ['[text](https://e.com/a) x', '[text]([https://e.com/a]) x'],
    ['[https://e.com/a](https://e.com/b)', '[[https://e.com/a]]([https://e.com/b])'],
    ['![https://e.com/a](https://e.com/b_(c))', '![[https://e.com/a]]([https://e.com/b_(c)])'],
    ['[1]: https://e.com/a[0]', '[1]: [https://e.com/a[0]]'],
    ['"https://e.com/a"', '"[https://e.com/a]"'],
    ["'https://e.com/a', x", "'[https://e.com/a]', x"],
    ['**https://e.com/a**', '**[https://e.com/a]**'],
    ['„https://e.com/a“ »https://e.com/b«', '„[https://e.com/a]“ »[https://e.com/b]«'],
    ['https://e.com/a。https', '[https://e.com/a]。https'],
    ['（https://e.com/a）。', '（[https://e.com/a]）。'],
    ['https://münchen.example/straße', '[https://münchen.example/straße]'],
    ['https://e.com/a/\r\nhttps://e.com/b-\n', '[https://e.com/a/]\r\n[https://e.com/b-]\n'],
    ['> quoted https://e.com/a\u00a0x', '> quoted [https://e.com/a]\u00a0x'],
    ['https://e.com/?u=https://f.com/x', '[https://e.com/?u=https://f.com/x]'],
  ])('%j becomes %j', (text, expected) => expect(adapt(text)).toBe(expected));

  it.each([
    'no link',
    'www.e.com e.com a@e.com mailto:a@e.com ftp://e.com',
    'xhttps://e.com',
    'https://',
    'https:// e.com https://. https://)',
    'https://e.com/{{ id }} https://e.com/<%= id %> https://e.com/*|ID|*',
    'https://e.com/%recipient% https://e.com/[[id]]',
    'https://e.com/{% url %} https://e.com/{%- if a %}x{% endif %} https://e.com/[[ id ]]',
    'https://e.com/%%= v(@id) =%%',
    'https://e.com/unsubscribe/1',
    'Unsubscribe: https://e.com/1',
    'To unsubscribe click here:\n\nhttps://e.com/1',
    'https://user:pass@refused.example/',
  ])('leaves %j alone', (text) => expect(adapt(text)).toBe(text));

  it('looks for a word in the line of a link, and not in those of others', () => {
    expect(adapt('Unsubscribe: https://e.com/1\nShop: https://e.com/2')).toBe(
      'Unsubscribe: https://e.com/1\nShop: [https://e.com/2]',
    );
    expect(adapt('Shop https://e.com/1 or unsubscribe https://e.com/2')).toBe(
      'Shop [https://e.com/1] or unsubscribe https://e.com/2',
    );
  });

  it('seals each link with its place', () => {
    const text = 'https://e.com/1 mailto:x https://e.com/{{x}} https://e.com/3';
    const { report } = tracking.adaptMessage({ text, textTracking: true, recipient: 'a@e.com' });
    expect(report.links).toEqual([
      expect.objectContaining({ url: 'https://e.com/1', part: 'text', index: 0, tracked: true }),
      {
        url: 'https://e.com/{{x}}',
        part: 'text',
        index: 1,
        tracked: false,
        reason: 'placeholder',
      },
      expect.objectContaining({ url: 'https://e.com/3', part: 'text', index: 2, tracked: true }),
    ]);
    expect(decode(report.links[2]!.trackingUrl!)).toEqual({
      url: 'https://e.com/3',
      part: 'text',
      recipient: 'a@e.com',
      linkIndex: 2,
      linkCount: 3,
      trackedLinkCount: 2,
    });
    expect(report.bytes).toEqual({ before: 0, after: 0 });
  });

  it('is for adaptMessage only if it is asked for', () => {
    const message = { html: '<a href=https://e.com/1>', text: 'https://e.com/2' };
    expect(tracking.adaptMessage(message).text).toBe(message.text);
    const adapted = tracking.adaptMessage({ ...message, textTracking: true });
    expect(adapted.text).toMatch(TRACKING);
    expect(adapted.report.links.map(({ part, index }) => [part, index])).toEqual([
      ['html', 0],
      ['text', 0],
    ]);
    expect(tracking.adaptText(message.text, { textTracking: undefined })).toMatch(TRACKING);
    expect(tracking.adaptText(message.text, { textTracking: false })).toBe(message.text);
    expect(tracking.adaptText(message.text, { clickTracking: false })).toBe(message.text);
  });

  it('changes nothing when it runs again', () => {
    const once = tracking.adaptText('See https://e.com/1 (or https://e.com/2).', {});
    expect(tracking.adaptText(once, {})).toBe(once);
  });
});
