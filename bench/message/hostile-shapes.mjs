// Texts that a scanner reads many times over if it is written without care. Each is made of one
// piece, as often as it fits into `length` characters.

const times = (text) => (length) => text.repeat(Math.ceil(length / text.length));
const after = (start, text) => (length) => start + times(text)(length);

/** By name: a function from a length to a text of about that length. */
export const SHAPES = {
  'misnested tables': (length) =>
    times('<table><tr><a href="https://e.com/"><td><table></tr></a>')(length * 0.7) +
    times('</td></table></p>')(length * 0.3),
  'attributes in one tag': (length) => `<a ${times('x=1 ')(length)}href="https://e.com/">`,
  'hrefs in one tag': (length) => `<a ${times('href=https://e.com/ ')(length)}>`,
  'tags without end': times('<a '),
  'hrefs without end': times('<a href="'),
  'quotes in quotes': times(`<a href="'`),
  'quotes of both kinds': (length) => `<a ${times(`x='"' y="'" `)(length)}href="https://e.com/">`,
  'comments without end': times('<!--'),
  'comments one by one': times('<!--x-->'),
  'dashes in a comment': after('<!--', '-'),
  'half ends of a comment': after('<!--', '--!'),
  'conditional comments without end': times('<!--[if mso]>'),
  'conditional comments': times('<!--[if mso]><table><tr><td><![endif]-->'),
  'conditional comments in each other': (length) =>
    times('<!--[if mso]>')(length / 2) + times('<![endif]-->')(length / 2),
  'styles without end': times('<style>'),
  'half ends of a style': after('<style>', '</styl'),
  'scripts without end': times('<script><!--</script>'),
  'escapes in a script': after('<script>', '<!--<script>'),
  'drawings in each other': (length) =>
    times('<svg><desc>')(length / 2) + times('</math></svg>')(length / 2),
  'CDATA without end': after('<svg>', '<![CDATA['),
  'elements in each other': (length) =>
    times('<div>')(length / 2) + times('</div>')((length / 11) * 6),
  'less-than signs': times('<'),
  'half end tags': times('</'),
  'ampersands in one link': (length) => `<a href="https://e.com/?${times('&amp;')(length)}">`,
  'ampersands in many links': times(`<a href="https://e.com/?${'&amp;'.repeat(50)}">`),
  'spaces in one link': (length) => `<a href="${times(' \n')(length)}https://e.com/">`,
  'tiny links': times('<a href=#>'),
  'tracked links': times('<a href="http://e.io">'),
  'braces in one link': (length) => `<a href="https://e.com/${times('{%[')(length)}">`,
};
