import type { AdaptOptions, LinkReport, TrackingOptions } from 'nestjs-email-tracking';
import { decode, trackingWith } from './readable-links.js';

interface Given {
  text?: string;
  alt?: string;
  around?: string;
  options?: AdaptOptions;
  configuration?: TrackingOptions;
}

function adapt(
  source: string,
  { text = '', alt = '', around = '', options = {}, configuration = {} }: Given = {},
) {
  const html = `<p>${around} <a href="${source}">${text}<img alt="${alt}"></a></p>`;
  return trackingWith(configuration).adaptMessage({ html, ...options }).report;
}

/** What is decided about a link whose `href` is written as `source`. */
function decide(source: string, given?: Given): LinkReport {
  return adapt(source, given).links[0]!;
}

describe('the rules for links', () => {
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
    const report = decide(source);
    expect(report.url).toBe(url);
    expect(decode(report.trackingUrl!).url).toBe(url);
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
    const check = jest.fn(() => false);
    const given = { options, configuration: { redirect: { check } } };
    expect(decide('https://e.com', given).reason).toBe('click-tracking-off');
    expect(check).not.toHaveBeenCalled();
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
      const given = { text: 'Unsubscribe', configuration: { trackUnsubscribeLinks: true } };
      expect(decide('https://e.com/unsubscribe', given).reason).toBeUndefined();
    });

    it.each([
      'https://e.com/leave?u=1',
      ['https://other.example/', 'https://e.com/leave?u=1'],
      '<mailto:leave@e.com?subject=x>, <https://E.com/leave?u=1>',
      ['<https://e.com/leave?u=1>'],
    ])('are those of List-Unsubscribe in any case: %j', (listUnsubscribe) => {
      const given = {
        configuration: { trackUnsubscribeLinks: true },
        options: { listUnsubscribe },
      };
      expect(decide('https://e.com/leave?u=1', given).reason).toBe('unsubscribe');
      expect(decide('https://e.com/leave?u=2', given).reason).toBeUndefined();
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
  ])('takes the text %j for a URL of the host %s', (text, host) => {
    const isWarnedOf = (trackingHost: string) => {
      const configuration = { baseClickTrackingUrl: `https://${trackingHost}/click/` };
      const { warnings } = adapt('https://www.e.com/y', { text, configuration });
      return warnings.some(({ code }) => code === 'URL_TEXT_MISMATCH');
    };
    expect(isWarnedOf('t.example.com')).toBe(host !== undefined);
    if (host !== undefined) expect(isWarnedOf(host)).toBe(false);
  });

  it('does not mind how much white space is around a URL', () => {
    const source = `${' \n'.repeat(100_000)}https://e.com/${'\t '.repeat(100_000)}`;
    expect(decide(source).url).toBe('https://e.com/');
  });

  it('adds utm parameters to what is sealed', () => {
    const options = { utm: { utm_source: 'news letter', utm_medium: 'email' } };
    const { url, trackingUrl } = decide('https://e.com/?utm_medium=x#y', { options });
    expect(url).toBe('https://e.com/?utm_medium=x#y');
    expect(decode(trackingUrl!).url).toBe('https://e.com/?utm_medium=x&utm_source=news%20letter#y');
  });
});
