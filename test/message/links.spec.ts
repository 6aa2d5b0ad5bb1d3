import fc from 'fast-check';
import { parseFragment } from 'parse5';
import type { MessageInput } from 'nestjs-email-tracking';
import type { RewriteReport } from 'nestjs-email-tracking';
import { decode, PIXEL, tracking, trackingWith } from './readable-links.js';

const TRACKING = /https:\/\/t\.example\.com\/click\/[\w-]+/g;

/** The mail with each tracking URL as `[where it leads]`, without the pixel. */
function adapt(html: string, options: MessageInput = {}, service = tracking): string {
  const adapted = service.adaptMessage({ html, ...options });
  return adapted
    .html!.replace(PIXEL, '')
    .replace(TRACKING, (url) => `[${decode(url).url?.replace('https://e.com/', '')}]`);
}

function report(html: string, options: MessageInput = {}, service = tracking): RewriteReport {
  return service.adaptMessage({ html, ...options }).report;
}

const reasons = (html: string): (string | undefined)[] =>
  report(html).links.map(({ reason }) => reason);

describe('the links of a mail', () => {
  it.each([
    ['<a href="https://e.com/1">', '<a href="[1]">'],
    ["<AREA HREF='https://e.com/1'>", "<AREA HREF='[1]'>"],
    ['<a class=x href=https://e.com/1 id=y>', '<a class=x href=[1] id=y>'],
    [
      '<a title="a>b" href="https://e.com/?a&amp;b&#38;c&copy=1">',
      '<a title="a>b" href="[?a&b&c&copy=1]">',
    ],
    ['<a href="\n https://e.com/a\tb ">', '<a href="[ab]">'],
    ['<a href="https://e.com/1" href="https://e.com/2">', '<a href="[1]" href="https://e.com/2">'],
    // Drawings
    ['<svg><a href="https://e.com/1"/></svg>', '<svg><a href="[1]"/></svg>'],
    ['<svg><a xlink:href="https://e.com/1"/></svg>', '<svg><a xlink:href="[1]"/></svg>'],
    [
      '<svg><a xlink:href=https://e.com/1 href=https://e.com/2></svg>',
      '<svg><a xlink:href=[1] href=[2]></svg>',
    ],
    ['<a xlink:href="https://e.com/1">', '<a xlink:href="https://e.com/1">'],
    // Outlook
    [
      '<!--[if mso]><v:roundrect href="https://e.com/1"><a href=https://e.com/2></v:roundrect><![endif]-->',
      '<!--[if mso]><v:roundrect href="[1]"><a href=[2]></v:roundrect><![endif]-->',
    ],
    [
      '<!--[if (gte mso 9)|(IE)]><V:Rect HREF=https://e.com/1><![endif] -->',
      '<!--[if (gte mso 9)|(IE)]><V:Rect HREF=[1]><![endif] -->',
    ],
    [
      '<![if mso]><v:shape href="https://e.com/1"><![endif]>',
      '<![if mso]><v:shape href="[1]"><![endif]>',
    ],
    [
      '<!--[if !mso]><!--><a href="https://e.com/1"><!--<![endif]-->',
      '<!--[if !mso]><!--><a href="[1]"><!--<![endif]-->',
    ],
    [
      '<!--[if mso]><style>a{<![endif]--><a href="https://e.com/1">',
      '<!--[if mso]><style>a{<![endif]--><a href="[1]">',
    ],
  ])('%s', (html, expected) => expect(adapt(html)).toBe(expected));

  it.each([
    '<link href="https://e.com/1">',
    '<base href="https://e.com/1">',
    '<!-- <a href="https://e.com/1"> -->',
    '<!-- [if mso]><a href="https://e.com/1"><![endif]-->',
    '<!--[if mso]><a href="https://e.com/1">-->',
    '<!--[if mso]><!-- <a href="https://e.com/1"> <![endif]-->',
    '<!--[if mso]><link href="https://e.com/1"><![endif]-->',
    '<!--[if mso]><v:fill href="https://e.com/1"><![endif]-->',
    '<v:rect href="https://e.com/1">',
    '<script>"<a href=https://e.com/1>"</script>',
    '<style><a href=https://e.com/1></style>',
    '<title><a href=https://e.com/1></title>',
    '<textarea><a href=https://e.com/1></textarea>',
    '<xmp><a href=https://e.com/1></xmp>',
    '<svg><![CDATA[<a href=https://e.com/1>]]></svg>',
    '<plaintext><a href=https://e.com/1>',
    '<img src="https://e.com/1"><form action="https://e.com/1">',
  ])('are not in %s', (html) => {
    expect(adapt(html)).toBe(html);
    expect(report(html).links).toEqual([]);
  });

  it('are counted in their order, those for Outlook among them', () => {
    const html =
      '<a href=https://e.com/1><!--[if mso]><a href=https://e.com/2><![endif]--></a>' +
      '<a href=https://e.com/3>';
    expect(report(html).links.map(({ trackingUrl }) => decode(trackingUrl!))).toEqual(
      [1, 2, 3].map((n, linkIndex) => ({
        url: `https://e.com/${n}`,
        part: 'html',
        linkIndex,
        linkCount: 3,
      })),
    );
  });
});

const OURS = ['data-no-track', 'data-track-label'];

/** As a browser reads them. */
function attributesOf(html: string): [name: string, value: string][] {
  const [node] = parseFragment(html).childNodes;
  return node && 'attrs' in node ? node.attrs.map(({ name, value }) => [name, value]) : [];
}

describe('what the author says about a link', () => {
  it.each([
    ['<a data-no-track href="mailto:x">', '<a href="mailto:x">', 'scheme'],
    ['<a data-no-track href="https://e.com/1">', '<a href="https://e.com/1">', 'no-track'],
    ['<a href=https://e.com/1 DATA-NO-TRACK=yes>', '<a href=https://e.com/1>', 'no-track'],
    ['<a href=https://e.com/1 data-no-track/>', '<a href=https://e.com/1 />', 'no-track'],
    [
      "<a href='https://e.com/1'data-no-track=''id=x>",
      "<a href='https://e.com/1'id=x>",
      'no-track',
    ],
    ['<a data-no-track="1"href="https://e.com/1">', '<a href="https://e.com/1">', 'no-track'],
    ['<a href=https://e.com/1 data-no-track=""id=x>', '<a href=https://e.com/1 id=x>', 'no-track'],
    [
      '<a data-no-track=""data-track-label=""href=https://e.com/1>',
      '<a href=https://e.com/1>',
      'no-track',
    ],
    [
      '<a data-no-track data-no-track = "a" href=https://e.com/1>',
      '<a href=https://e.com/1>',
      'no-track',
    ],
    ['<a\n  data-no-track\n  href=https://e.com/1>', '<a\n  href=https://e.com/1>', 'no-track'],
    [
      '<!--[if mso]><v:rect data-no-track href="https://e.com/1"><![endif]-->',
      '<!--[if mso]><v:rect href="https://e.com/1"><![endif]-->',
      'no-track',
    ],
    ['<a data-no-track>', '<a>', undefined],
  ])('%s', (html, expected, reason) => {
    expect(adapt(html)).toBe(expected);
    expect(reasons(html)).toEqual(reason === undefined ? [] : [reason]);
  });

  it.each([
    'clicktracking="off"',
    'clicktracking=OFF',
    'disable-tracking',
    'disable-tracking=true',
    'ses:no-track',
    'data-pm-no-track',
    'data-msys-clicktrack="0"',
    'mc:disable-tracking',
  ])('%s is kept for the provider', (attribute) => {
    const html = `<a ${attribute} href="https://e.com/1">`;
    expect(adapt(html)).toBe(html);
    expect(reasons(html)).toEqual(['provider-opt-out']);
  });

  it.each(['clicktracking="on"', 'disable-tracking=false', 'data-msys-clicktrack="1"'])(
    '%s means no opt-out',
    (attribute) => expect(reasons(`<a ${attribute} href="https://e.com/1">`)).toEqual([undefined]),
  );

  it('is a label, which comes back', () => {
    const html =
      '<a data-track-label=" big &amp; red " href="https://e.com/1" data-track-label=no>';
    expect(adapt(html)).toBe('<a href="[1]">');
    const [link] = report(html).links;
    expect(link).toMatchObject({ label: 'big & red', tracked: true });
    expect(decode(link!.trackingUrl!).linkLabel).toBe('big & red');
    expect(report('<a data-track-label href=https://e.com/1>').links[0]).not.toHaveProperty(
      'label',
    );
  });

  it('is taken out, and no other attribute with it, whatever stands around it', () => {
    const some = (...texts: string[]) => fc.constantFrom(...texts);
    // No loose `=` in front of a name: taking out what stands before it would join it to another.
    const name = some('data-no-track', 'data-track-label', 'DATA-NO-TRACK', 'id', 'class');
    const value = some('', '=x ', '="x"', "='y'", ' = "z"', '=""');
    const href = some('href="https://e.com/1"', 'href=https://e.com/1 ');
    const between = some('', ' ', '\n ', '/');
    const attribute = fc
      .tuple(fc.oneof(fc.tuple(name, value), fc.tuple(href)), between)
      .map((parts) => parts.flat().join(''));
    const tag = fc
      .tuple(some('<a ', '<a/', '<area\n'), fc.array(attribute, { maxLength: 6 }), some('>', '/>'))
      .map((parts) => parts.flat().join(''));
    const off = { clickTracking: false, openTracking: false };
    fc.assert(
      fc.property(tag, (html) => {
        const others = attributesOf(html).filter(([name]) => !OURS.includes(name));
        expect(attributesOf(adapt(html, off))).toEqual(others);
      }),
      { numRuns: 500, seed: 5 },
    );
  });

  it('is taken out although nothing is tracked', () => {
    const off = { clickTracking: false, openTracking: false };
    expect(adapt('<a data-no-track data-track-label=x href=https://e.com/1>', off)).toBe(
      '<a href=https://e.com/1>',
    );
  });
});

describe('links that are told by their text', () => {
  it.each([
    '<a href="https://e.com/1"><b>Un</b>subscribe</a>',
    '<a href="https://e.com/1">no longer<br>wish to receive</a>',
    '<a href="https://e.com/1"><span>Vom Newsletter</span> <i>abmelden</i></a>',
    '<a href="https://e.com/1"><img src=x alt="Unsubscribe"></a>',
    '<a href="https://e.com/1">Se d&eacute;sabonner</a>',
    '<a href="https://e.com/1">un&shy;sub&#8203;scribe</a>',
    '<map><area href="https://e.com/1" alt="Unsubscribe"></map>',
    '<a href="https://e.com/1">unsubscribe',
    '<a href="https://e.com/1" title="Unsubscribe">x</a>',
    '<a href="https://e.com/1" aria-label="Opt out of these mails"><img src=x></a>',
    '<a rel="nofollow unsubscribe" href="https://e.com/1">x</a>',
    '<a data-msys-unsubscribe="1" href="https://e.com/1">x</a>',
    '<map><area href="https://e.com/1" title="Vom Newsletter abmelden"></map>',
    '<p>To unsubscribe, <a href="https://e.com/1">click here</a>.</p>',
    '<td>If you <b>no longer wish</b> to receive these mails:<br>\n<a href="https://e.com/1">x</a>',
    '<p>Thank you. Want to unsubscribe? <a href="https://e.com/1">Click here</a>',
    '配信停止は<a href="https://e.com/1">こちら</a>',
    '<p><a href="https://e.com/1">Click here</a> to unsubscribe from this list.</p>',
    '<p><a href="https://e.com/1">Hier klicken</a>\n um sich vom Newsletter abzumelden: abmelden</p>',
    '<!--[if mso]><v:rect href="https://e.com/1"><center>Unsubscribe</center></v:rect><![endif]-->',
  ])('%s ends a subscription', (html) => expect(reasons(html)).toEqual(['unsubscribe']));

  it.each([
    '<a href="https://e.com/1">x</a> unsubscribe',
    '<a href="https://e.com/1">x<a href="mailto:unsubscribe@e.com">unsubscribe</a>',
    '<a href="https://e.com/1">x<!-- unsubscribe --></a>',
    '<p>unsubscribe</p><a href="https://e.com/1">x</a>',
    '<td>unsubscribe</td><td><a href="https://e.com/1">x</a></td>',
    '<p>You can unsubscribe at any time. Visit <a href="https://e.com/1">our shop</a></p>',
    '<p><a href="https://e.com/1">Our shop</a>, or unsubscribe <a href="https://e.com/2">here</a>',
    `<p>unsubscribe ${'x '.repeat(200)}<a href="https://e.com/1">x</a></p>`,
    '<p><a href="https://e.com/1">Save</a> to win! Or unsubscribe.</p>',
    '<a href="https://e.com/1" title="Subscribe">x</a>',
  ])('%s does not', (html) => expect(reasons(html)[0]).toBeUndefined());

  it('say so in the link, where they are tracked all the same', () => {
    const html =
      '<a href="https://e.com/1">One</a> <a href="https://e.com/2">Unsubscribe</a>' +
      '<a href="https://e.com/unsubscribe">x</a> <a href="#top">top</a>';
    const service = trackingWith({ trackUnsubscribeLinks: true });
    const links = report(html, {}, service).links.flatMap(({ trackingUrl }) => trackingUrl ?? []);
    expect(links.map(decode)).toEqual([
      expect.not.objectContaining({ isUnsubscribeLink: expect.anything() as unknown }),
      expect.objectContaining({ isUnsubscribeLink: true, linkCount: 4, trackedLinkCount: 3 }),
      expect.objectContaining({ isUnsubscribeLink: true }),
    ]);
  });

  it('are warned of if they show another host', () => {
    const html =
      '<a href="https://e.com/1">https://www.e.com/one</a> <a href="https://e.com/2">two</a>' +
      '<a href="https://e.com/3"> e.com </a><a href="https://t.example.com/x">t.example.com</a>';
    const [warning] = report(html).warnings;
    expect(warning).toMatchObject({ code: 'URL_TEXT_MISMATCH' });
    expect(warning!.message).toContain('link 0 of the html, link 2 of the html.');
    expect(warning!.message).not.toContain('e.com');
  });
});

describe('a mail that was rewritten before', () => {
  const html = '<a data-no-track href="https://e.com/1">1</a><a href="https://e.com/2">2</a>';
  const twice = (first: MessageInput, second: MessageInput, mail = html) => {
    const once = tracking.adaptMessage({ html: mail, ...first }).html!;
    return { once, again: tracking.adaptMessage({ html: once, ...second }) };
  };

  it('is not changed, although the opt-outs are gone', () => {
    for (const mail of [html, '<a data-no-track href="https://e.com/1">1</a>']) {
      const { once, again } = twice({}, {}, mail);
      expect(again.html).toBe(once);
      expect(again.report.links.every(({ reason }) => reason === 'already-tracked')).toBe(true);
      expect(again.report.warnings.map(({ code }) => code)).toEqual(['ALREADY_TRACKED']);
    }
  });

  it('gets the other half', () => {
    const { once, again } = twice({ clickTracking: false }, { openTracking: false });
    expect(once).toMatch(PIXEL);
    expect(again.report.links.map(({ tracked }) => tracked)).toEqual([true, true]);
    expect(twice({ openTracking: false }, {}).again.report.pixel).toBe('bottom');
  });

  it('is told from one with links of ours that were placed by hand', () => {
    const byHand = `<a href="${tracking.getClickTrackingUrl('https://e.com/1')}">1</a>`;
    const mail = `${byHand}<a href="https://e.com/2">2</a>`;
    expect(reasons(mail)).toEqual(['already-tracked', undefined]);
  });
});

describe('warnings', () => {
  const codes = (message: MessageInput): string[] =>
    tracking.adaptMessage(message).report.warnings.map(({ code }) => code);

  it.each([
    ['NO_LINKS', '<p>x'],
    ['NO_LINKS', '<a href="mailto:x">'],
    ['LONG_URL', '<a href="https://e.com/1"><a href="https://e.com/too-long">'],
    ['ALREADY_TRACKED', '<a href="https://t.example.com/click/e30">'],
  ])('%s: %s', (code, html) => expect(codes({ html })).toEqual([code]));

  it('are none where nothing was to be done', () => {
    expect(codes({ html: '<p>x', clickTracking: false })).toEqual([]);
    expect(codes({ text: 'x' })).toEqual([]);
    expect(codes({})).toEqual([]);
  });

  it('AMP_NOT_TRACKED: the part comes back as it is', () => {
    const amp = '<html amp4email><a href="https://e.com/1">';
    const adapted = tracking.adaptMessage({ amp, html: '<a href="https://e.com/1">' });
    expect(adapted.amp).toBe(amp);
    expect(adapted.report.warnings.map(({ code }) => code)).toEqual(['AMP_NOT_TRACKED']);
  });

  it.each(['-----BEGIN PGP MESSAGE-----', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512'])(
    'SIGNED_OR_ENCRYPTED: nothing is changed (%s)',
    (armour) => {
      const html = '<a data-no-track href="https://e.com/1">';
      const text = `${armour}\n\nhttps://e.com/2`;
      const adapted = tracking.adaptMessage({ html, text, textTracking: true });
      expect(adapted).toEqual({
        html,
        text,
        report: {
          links: [],
          pixel: 'none',
          bytes: { before: html.length, after: html.length },
          warnings: [expect.objectContaining({ code: 'SIGNED_OR_ENCRYPTED' })],
        },
      });
      const within = `<pre>${armour}</pre>${html}`;
      expect(tracking.adaptMessage({ html: within, text: 'x' }).html).toBe(within);
    },
  );

  it('PGP keys are no signature', () => {
    const html = '<a href="https://e.com/1">x</a>-----BEGIN PGP PUBLIC KEY BLOCK-----';
    expect(codes({ html })).toEqual([]);
  });
});
