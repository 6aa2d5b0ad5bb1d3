import { HtmlScanner } from '../../../lib/message/html/html-scanner.js';

const scanner = new HtmlScanner({
  a: ['href', 'data-x'],
  area: ['href'],
  body: [],
  'v:rect': ['href', 'data-y*'],
});

/** What is found, as source text; `…` marks a construct that is left unfinished, from its start. */
function scan(html: string): string[] {
  const seen: string[] = [];
  const end = scanner.scan(html, {
    startTag: ({ name, attributes }) =>
      seen.push(
        [
          name,
          ...attributes.map((a) => `${a.name}=${a.quote}${html.slice(a.start, a.end)}${a.quote}`),
        ].join(' '),
      ),
    endTag: (name) => seen.push(`/${name}`),
    comment: (from, to) => seen.push(html.slice(from, to)),
  });
  if (end < html.length) seen.push(`…${html.slice(end)}`);
  return seen;
}

describe('HtmlScanner', () => {
  it.each([
    [
      'quotes',
      `<a href="1"><a href='2'><a href=3><a href = 4 >`,
      [`a href="1"`, `a href='2'`, 'a href=3', 'a href=4'],
    ],
    ['no value', '<a href><a href=><a href="">', ['a href=', 'a href=', 'a href=""']],
    ['upper case', '<A HREF=1><AREA hReF=2></A>', ['a href=1', 'area href=2', '/a']],
    ['duplicates', '<a href=1 HREF=2 href>', ['a href=1']],
    ['all of one name', '<v:rect data-y=1 href=1 DATA-Y=2>', ['v:rect data-y=1 href=1 data-y=2']],
    ['more attributes', '<a title=">" data-x=1 href="2" data-y=3>', ['a data-x=1 href="2"']],
    ['slashes', '<a/href=1/><a / href=2/ >', ['a href=1/', 'a href=2/']],
    ['no space between attributes', `<a title='x'href="1"data-x=2>`, ['a href="1" data-x=2']],
    ['an equals sign in front', '<a =href=1 href=2>', ['a href=2']],
    ['> in a value', '<a title="a > b" href="c > d">', ['a href="c > d"']],
    ['other tags', '<abbr href=1><p title="<a href=2>"><v:rect href=3>', ['v:rect href=3']],
    ['the Kelvin sign is no k', '<lin\u212a href=1><a>', ['a']],
    ['end tags with attributes', '</a href="</body>"></body x>', ['/a', '/body']],
    [
      'comments',
      '<!----><!--><!---><!-- a --!><!--x--><a>',
      ['<!---->', '<!-->', '<!--->', '<!-- a --!>', '<!--x-->', 'a'],
    ],
    ['comments that go on', '<!-- -- > <a> ->--><a>', ['<!-- -- > <a> ->-->', 'a']],
    ['bogus comments', '<!x <a><?y <a></ z <a></><a>', ['<!x <a>', '<?y <a>', '</ z <a>', 'a']],
    ['doctypes', '<!DOCTYPE html PUBLIC "a>b"><a>', ['<!DOCTYPE html PUBLIC "a>', 'a']],
    ['CDATA in HTML', '<![CDATA[ > <a href=1> ]]>', ['<![CDATA[ >', 'a href=1']],
    [
      'CDATA in SVG',
      '<svg><![CDATA[ > <a href=1> ]]></svg><a>',
      ['<![CDATA[ > <a href=1> ]]>', 'a'],
    ],
    [
      'conditional comments',
      '<!--[if mso]><a><![endif]--><a><![if !mso]><a><![endif]>',
      ['<!--[if mso]><a><![endif]-->', 'a', '<![if !mso]>', 'a', '<![endif]>'],
    ],
    ['raw text', '<style><a></styles></style ><title><a></TITLE/x><a>', ['a']],
    [
      'every raw text',
      '<xmp><a></xmp><iframe><a></iframe><noembed><a></noembed><noframes><a></noframes><textarea><a></textarea>',
      [],
    ],
    ['noscript is markup', '<noscript><a></noscript>', ['a']],
    ['scripts', '<script>"<a>"</scripts></script\n><a>', ['a']],
    ['escaped scripts', '<script><!-- </script><a>', ['a']],
    ['double-escaped scripts', '<script><!-- <script> </script> <a> --> </script><area>', ['area']],
    ['complete escapes', '<script><!--><script></script><a>', ['a']],
    ['SVG styles and titles', '<svg><style/><title/><a href=1></a></svg>', ['a href=1', '/a']],
    ['SVG is left by HTML', '<svg><p><title><a></title></p>', []],
    ['less-than signs', '1 < 2 <3 <<a> <', ['a']],
    ['an unclosed tag', 'x<a href="1', ['…<a href="1']],
    ['an unclosed end tag', '<a></a ', ['a', '…</a ']],
    ['half an end tag', '<a></', ['a', '…</']],
    ['an unclosed comment', '<a><!-- <a>', ['a', '…<!-- <a>']],
    ['an unclosed declaration', '<a><!', ['a', '…<!']],
    ['unclosed raw text', '<a><style> <a>', ['a', '…<style> <a>']],
    ['an unclosed end of raw text', '<style></style', ['…<style></style']],
    [
      'an unclosed script',
      '<a><script><!--<script></script>',
      ['a', '…<script><!--<script></script>'],
    ],
    ['plaintext', '<a><plaintext><a></plaintext>', ['a', '…<plaintext><a></plaintext>']],
    ['unclosed CDATA', '<svg><![CDATA[>', ['…<![CDATA[>']],
    ['nothing', '', []],
  ])('%s', (_, html, seen) => {
    expect(scan(html)).toEqual(seen);
  });

  it('finds the places', () => {
    const html = 'é😀<p><a class=x href="/y">z</a>';
    scanner.scan(html, {
      startTag: (tag) =>
        expect(tag).toEqual({
          name: 'a',
          start: 6,
          end: 27,
          attributes: [{ name: 'href', nameStart: 17, start: 23, end: 25, quote: '"' }],
          isForeign: false,
        }),
    });
  });
});

/** Each would take minutes if some character were read more than a few times. */
describe('HtmlScanner on hostile input', () => {
  const N = 100_000;
  it.each([
    ['attributes in one tag', `<a ${'x=1 '.repeat(N)}href=1>`, 1],
    ['links in one tag', `<a ${'href=1 '.repeat(N)}>`, 1],
    ['tags without end', '<a '.repeat(N), 0],
    ['unclosed quotes', '<a href="'.repeat(N), 0],
    ['unclosed quotes of both kinds', `<a href="'`.repeat(N), 0],
    ['unclosed comments', '<!--'.repeat(N), 0],
    ['dashes', `<!--${'-'.repeat(N)}`, 0],
    ['half comment ends', `<!--${'--!'.repeat(N)}`, 0],
    ['unclosed styles', '<style>'.repeat(N), 0],
    ['almost closed styles', `<style>${'</styl'.repeat(N)}`, 0],
    ['unclosed scripts', '<script><!--</script>'.repeat(N), 0],
    ['nested escapes', `<script>${'<!--<script>'.repeat(N)}`, 0],
    ['nested drawings', `${'<svg><desc>'.repeat(N)}${'</math></svg>'.repeat(N)}<a href=1>`, 1],
    ['drawings and strays', `<math>${'<svg>'.repeat(N)}${'</mi></math>'.repeat(N)}<a href=1>`, 1],
    ['unclosed CDATA', `<svg>${'<![CDATA['.repeat(N)}`, 0],
    ['less-than signs', `${'<'.repeat(N * 10)}a href=1>`, 1],
    ['half end tags', '</'.repeat(N), 0],
    ['long names', `<${'a'.repeat(N)}><a ${'h'.repeat(N)} href=1>`, 1],
    [
      '5 MB of links',
      '<p>some text <a class="x" href="https://e.com/?a=1&amp;b=2">y</a></p>'.repeat(75_000),
      75_000,
    ],
  ])('%s', (_, html, count) => {
    let seen = 0;
    scanner.scan(html, { startTag: ({ attributes }) => (seen += attributes.length) });
    expect(seen).toBe(count);
  });
});
