import { decodeAttribute } from '../../lib/message/html/entities.js';
import {
  LinkRules,
  type LinkSealer,
  type LinkDecision,
  normaliseUrl,
  type RewritingContext,
  SkipRules,
} from '../../lib/message/link-rules.js';
import type { AdaptOptions } from '../../lib/message/message-options.js';

/** What rules ask of the room that seals links. */
const sealer = {
  refusal: (url: string) => (url.includes('refused.example') ? 'its host is refused' : undefined),
  owns: (url: string) => url.startsWith('https://t.example.com/click/'),
} as LinkSealer;

interface Given {
  text?: string;
  alt?: string;
  around?: string;
  options?: AdaptOptions;
  tools?: Partial<RewritingContext>;
}

/** What is decided about a link whose `href` is written as `source`. */
function decide(
  source: string,
  { text = '', alt = '', around = '', options = {}, tools = {} }: Given = {},
): LinkDecision {
  return new LinkRules(options, { sealer, ...tools }).decide({
    source,
    value: decodeAttribute(source),
    text: () => ({ text, alt, around }),
  });
}

describe('LinkRules', () => {
  it.each([
    ['https://e.com/?a=1&amp;b=2', 'https://e.com/?a=1&b=2'],
    ['HTTP://E.com', 'HTTP://E.com'],
    [' \n https://e.com/\ta\r\nb \0', 'https://e.com/ab \ufffd'],
    [' https://e.com/ ', 'https://e.com/'],
    ['//e.com/x', 'https://e.com/x'],
    ['https:\\\\e.com', 'https:\\\\e.com'],
    ['https://münchen.example/é?q=😀', 'https://münchen.example/é?q=😀'],
    ['https://e.com/%20%zz', 'https://e.com/%20%zz'],
  ])('tracks %j as %j', (source, url) => {
    expect(decide(source)).toEqual({ url, target: url });
  });

  it.each([
    ['', 'empty'],
    [' \n ', 'empty'],
    ['#top', 'fragment'],
    ['/path', 'relative'],
    ['page.html', 'relative'],
    ['?q=1', 'relative'],
    ['https:e.com', 'relative'],
    ['http:/e.com', 'relative'],
    ['mailto:a@b.c', 'scheme'],
    ['tel:+123', 'scheme'],
    ['JavaScript:alert(1)', 'scheme'],
    ['java\nscript&colon;alert(1)', 'scheme'],
    ['data:text/html,x', 'scheme'],
    ['httpsx://e.com', 'scheme'],
    ['{{ url }}', 'placeholder'],
    ['https://e.com/{{ id }}', 'placeholder'],
    ['https://e.com/?a=&nsubset;', 'undecodable'],
    ['https://t.example.com/click/abc', 'already-tracked'],
    ['//t.example.com/click/abc', 'already-tracked'],
    ['https://refused.example/', 'refused-by-policy'],
  ])('leaves %j alone: %s', (source, reason) => {
    expect(decide(source).reason).toBe(reason);
  });

  it('gives the reason that lies in the link first, and asks no policy without click tracking', () => {
    const options = { clickTracking: false };
    expect(decide('mailto:x', { options }).reason).toBe('scheme');
    const refusal = (): never => {
      throw new Error('asked');
    };
    const tools = { sealer: { ...sealer, refusal } };
    expect(decide('https://e.com', { options, tools }).reason).toBe('click-tracking-off');
  });

  describe('links that end a subscription', () => {
    it.each([
      'Unsubscribe',
      'click here to unsubscribe from this list',
      'Opt out',
      'opt-out',
      'Vom Newsletter abmelden',
      'Se désabonner',
      'Désinscription',
      'Darse de baja',
      'Cancelar inscrição',
      "Annulla l'iscrizione",
      'Uitschrijven',
      'Meld deg av',
      'Отписаться',
      '退订',
      '配信停止はこちら',
    ])('are known by the text %j', (text) => {
      expect(decide('https://e.com/x', { text }).reason).toBe('unsubscribe');
      expect(decide('https://e.com/x', { alt: text }).reason).toBe('unsubscribe');
      expect(decide('https://e.com/x', { around: text }).reason).toBe('unsubscribe');
    });

    it.each([
      'https://e.com/unsubscribe?u=1',
      'https://e.com/?action=Unsubscribe',
      'https://unsubscribe.e.com/x',
      'https://e.com/unsub/12',
      'https://e.com/opt-out',
      'https://e.com/optout.php',
      'https://e.com/newsletter/abmelden',
    ])('are known by the URL %s', (url) => {
      expect(decide(url).reason).toBe('unsubscribe');
    });

    it.each(['Subscribe', 'Cancel', 'Stop by', 'Jetzt anmelden', 'Opt outdoors', 'Sunsubscriber'])(
      'are not known by the text %j',
      (text) => expect(decide('https://e.com/x', { text }).reason).toBeUndefined(),
    );

    it.each(['https://e.com/subscribe', 'https://e.com/sunsub-x', 'https://e.com/adoptouting'])(
      'are not known by the URL %s',
      (url) => expect(decide(url).reason).toBeUndefined(),
    );

    it('are tracked by option', () => {
      const tools = { skipRules: new SkipRules({ trackUnsubscribeLinks: true }) };
      const given = { text: 'Unsubscribe', tools };
      expect(decide('https://e.com/unsubscribe', given).reason).toBeUndefined();
    });

    it.each([
      'https://e.com/leave?u=1',
      ['https://other.example/', 'https://e.com/leave?u=1'],
      '<mailto:leave@e.com?subject=x>, <https://E.com/leave?u=1>',
      ['<https://e.com/leave?u=1>'],
    ])('are those of List-Unsubscribe in any case: %j', (listUnsubscribe) => {
      const tools = { skipRules: new SkipRules({ trackUnsubscribeLinks: true }) };
      const options = { listUnsubscribe };
      expect(decide('https://e.com/leave?u=1', { tools, options }).reason).toBe('unsubscribe');
      expect(decide('https://e.com/leave?u=2', { tools, options }).reason).toBeUndefined();
    });
  });

  it.each([
    ['https://other.example', 'other.example'],
    ['HTTP://www.e.com/x', 'e.com'],
    ['www.e.com', 'e.com'],
    ['https://e.com「セール」', 'e.com'],
    ['https://www.e.comでチェック', 'e.com'],
    ['www.e.com。', 'e.com'],
    ['e.com', 'e.com'],
    ['e.com/some/path', 'e.com'],
    ['münchen.example/x', 'xn--mnchen-3ya.example'],
    ['Node.js', undefined],
    ['other.example', undefined],
    ['https://e.com and more', undefined],
    ['Read more', undefined],
    ['', undefined],
  ])('finds in the text %j the host %s', (text, host) => {
    expect(decide('https://www.e.com/y', { text }).shownHost).toBe(host);
  });

  it('adds utm parameters to what is sealed', () => {
    const options = { utm: { utm_source: 'news letter', utm_medium: 'email' } };
    expect(decide('https://e.com/?utm_medium=x#y', { options })).toEqual({
      url: 'https://e.com/?utm_medium=x#y',
      target: 'https://e.com/?utm_medium=x&utm_source=news%20letter#y',
    });
  });
});

describe('normaliseUrl', () => {
  it('does not mind how much there is to take off', () => {
    expect(normaliseUrl(`${' \n'.repeat(100_000)}a${'\t '.repeat(100_000)}`)).toBe('a');
  });
});
