import { parse } from 'parse5';
import { maskAddress } from '../../lib/unsubscribe/mask-address.js';
import { pageState, type UnsubscribePageState } from '../../lib/unsubscribe/page-state.js';
import { chooseTexts, PAGE_TEXTS, type GivenTexts } from '../../lib/unsubscribe/page-texts.js';
import {
  contentSecurityPolicy,
  unreadableText,
  unsubscribePage,
} from '../../lib/unsubscribe/unsubscribe-page.js';

const settings = { budgetMs: 5000, contact: 'mailto:help@example.com' };
const ANN = { recipient: 'ann@example.com', list: 'news' };

const stateOf = (
  kind: UnsubscribePageState['kind'],
  given: Partial<Parameters<typeof pageState>[1]> = {},
  result: typeof ANN | null = ANN,
) =>
  pageState(
    kind,
    { ...settings, ...given },
    { method: 'GET', url: '/', headers: {}, isAll: false },
    result,
  );

describe('maskAddress', () => {
  test.each([
    ['ann@example.com', 'a•••@example.com'],
    ['ab@example.com', '•••@example.com'],
    ['a@example.com', '•••@example.com'],
    ['ann+news@example.com', 'a•••@example.com'],
    ['Ann.Smith@Example.COM', 'A•••@example.com'],
    ['"ann smith"@example.com', 'a•••@example.com'],
    ['"a@b c"@example.com', 'a•••@example.com'],
    ['"\\"x\\" y"@example.com', '"•••@example.com'],
    ['👩‍👩‍👧abc@example.com', '👩‍👩‍👧•••@example.com'],
    ['e\u0301va@example.com', 'e\u0301•••@example.com'],
    ['👩‍👩‍👧b@example.com', '•••@example.com'],
    ['jürgen@münchen.de', 'j•••@münchen.de'],
    ['jim@xn--mnchen-3ya.de', 'j•••@münchen.de'],
    ['ann@[192.0.2.1]', 'a•••@[192.0.2.1]'],
    ['ann@exa mple', 'a•••@exa mple'],
    ['nobody', 'n•••'],
    ['', '•••'],
  ])('%j becomes %j', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });

  test('cuts no character of two halves, and takes no long time for a long one', () => {
    expect(maskAddress(`${'\u{1f600}'.repeat(700_000)}@example.com`)).toMatch(/^\u{1f600}•••$/u);
  });
});

describe('chooseTexts', () => {
  test.each<[header: string | undefined, language: string]>([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE-at', 'de'],
    ['fr;q=0.5, es;q=0.9', 'es'],
    ['nl, it;q=0.3, en;q=0.1', 'it'],
    ['de;q=0, fr;q=0.1', 'fr'],
    ['de;q=7, fr', 'fr'],
    ['ja, zh-Hant-TW', 'en'],
    ['*', 'en'],
    ['de;level=1;q=, it', 'it'],
    ['constructor, __proto__, it', 'it'],
  ])('%j is answered in %s', (header, language) => {
    expect(chooseTexts(header)).toEqual({ language, texts: PAGE_TEXTS[language] });
  });

  test('looks at no more of the header than a browser sends', () => {
    for (const header of [
      `${'x-y,'.repeat(30)}de`,
      `${' '.repeat(600)}de`,
      '-'.repeat(1_000_000),
    ]) {
      expect(chooseTexts(header).language).toBe('en');
    }
  });

  test('takes texts of the app before those of the package', () => {
    const given: GivenTexts = { de: { leave: 'Weg damit' }, 'pt-BR': { leave: 'Sair' } };
    const german = chooseTexts('de-CH', given).texts;
    expect([german.leave, german.retry]).toEqual(['Weg damit', PAGE_TEXTS.de!.retry]);
    expect(chooseTexts('pt-br;q=0.4', given)).toMatchObject({
      language: 'pt-BR',
      texts: { leave: 'Sair', retry: PAGE_TEXTS.en!.retry },
    });
    expect(chooseTexts('pt', given).language).toBe('en');
    const swiss = chooseTexts('de-CH', { 'de-CH': { leave: 'Abmelden' } });
    expect(swiss).toMatchObject({ language: 'de-CH', texts: { retry: PAGE_TEXTS.de!.retry } });
  });

  test('every language has every text, and names the same things in it', () => {
    const namesIn = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    const { en, ...others } = PAGE_TEXTS;
    expect(Object.keys(others)).toEqual(['de', 'fr', 'es', 'it']);
    for (const texts of Object.values(others)) {
      expect(Object.keys(texts)).toEqual(Object.keys(en!));
      for (const [name, text] of Object.entries(texts)) {
        expect(text).not.toBe('');
        expect([name, namesIn(text)]).toEqual([name, namesIn(en![name as keyof typeof en])]);
      }
    }
  });
});

describe('the unsubscribe page', () => {
  const KINDS = ['ask', 'done', 'failed', 'unreadable'] as const;

  test.each(KINDS)(
    '%s: has no script, no remote resource, no action, and is valid HTML',
    (kind) => {
      const problems: string[] = [];
      const page = unsubscribePage(stateOf(kind));
      parse(page, { onParseError: ({ code }) => problems.push(code) });
      expect(problems).toEqual([]);
      expect(page).not.toMatch(
        /<script|\son\w+=|\sstyle=|\saction=|\ssrc=|<link|<base|@import|url\(/i,
      );
      expect(page.match(/(?:https?:)?\/\/[^ ]*/g)).toBeNull();
    },
  );

  test('escapes what it is given, wherever it stands', () => {
    const evil = '</style></title><script>alert(1)</script>"\'&\ud800';
    const lists = { [evil]: { title: evil, description: evil }, other: { title: 'x' } };
    const texts = {
      en: { leave: evil, leaveAll: evil, ask: `${evil}{list}`, askText: '{address}' },
    };
    const contact = `https://example.com/${evil}`;
    const result = { recipient: `${evil}@${evil}`, list: evil };
    for (const kind of KINDS) {
      const page = unsubscribePage(stateOf(kind, { lists, texts, contact }, result));
      expect(page).not.toContain('<script');
      expect(page.match(/<\/style>/g)).toHaveLength(1);
      expect(page.isWellFormed()).toBe(true);
      expect(page).not.toMatch(/="[^"]*[<>'][^"]*"/);
    }
  });

  test('replaces no name that came in by another one', () => {
    const page = unsubscribePage(stateOf('ask', { lists: { news: { title: '{address} $& $1' } } }));
    expect(page).toContain('<bdi>{address} $&amp; $1</bdi>');
  });

  test('puts the names into every text, also those of buttons and of the plain text', () => {
    const names = '{list} {address} {contact}';
    const texts = {
      en: Object.fromEntries(Object.keys(PAGE_TEXTS.en!).map((name) => [name, names])),
    };
    const lists = { news: { title: 'A & B' }, offers: { title: 'Offers' } };
    for (const kind of KINDS) {
      const state = stateOf(kind, { lists, texts });
      expect(unsubscribePage(state)).not.toMatch(/\{(?:list|address|contact)\}/);
      expect(unreadableText(state)).not.toMatch(/[{}]|mailto:/);
    }
    const buttons = unsubscribePage(stateOf('ask', { lists, texts })).match(
      /<button.*?<\/button>/g,
    );
    expect(buttons).toHaveLength(2);
    for (const button of buttons!) {
      expect(button).toContain('>A &amp; B a•••@example.com help@example.com<');
    }
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'shows a list named %s by its name',
    (list) => {
      for (const lists of [undefined, { news: { title: 'Weekly news' } }]) {
        expect(stateOf('ask', { lists }, { ...ANN, list }).list).toEqual({
          name: list,
          title: list,
          description: null,
        });
      }
    },
  );

  test('offers to leave all lists where there are two', () => {
    const one = { news: { title: 'Weekly news' } };
    const two = { ...one, offers: { title: 'Offers' } };
    const buttons = (lists?: typeof one) =>
      unsubscribePage(stateOf('ask', { lists })).match(/value="[^"]*"/g);
    expect(buttons()).toEqual(['value="Page"']);
    expect(buttons(one)).toEqual(['value="Page"']);
    expect(buttons(two)).toEqual(['value="Page"', 'value="Page-All"']);
  });

  test('names the contact where the link cannot be read, and links to nothing unsafe', () => {
    const of = (contact?: string) => unsubscribePage(stateOf('unreadable', { contact }, null));
    expect(of('mailto:help@example.com?subject=Help')).toContain(
      '<a href="mailto:help@example.com?subject=Help"><bdi>help@example.com</bdi></a>',
    );
    expect(of('https://example.com/help/')).toContain('<bdi>example.com/help</bdi>');
    expect(of('javascript:alert(1)')).not.toContain('<a ');
    expect(of()).toContain(PAGE_TEXTS.en!.noContactText);
  });

  test('is written from right to left in a language that is', () => {
    expect(unsubscribePage({ ...stateOf('ask'), language: 'he-IL' })).toContain(
      '<html lang="he-IL" dir="rtl">',
    );
  });
});

describe('the policy of the page', () => {
  test('allows its own style, and nothing else', () => {
    expect(contentSecurityPolicy(unsubscribePage(stateOf('ask')))).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(contentSecurityPolicy('<p>No style</p>')).toContain("style-src 'none'");
  });
});
