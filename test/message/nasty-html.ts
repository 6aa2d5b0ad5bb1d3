import fc from 'fast-check';

const SPACE = ['', ' ', '\n', '\t', '\f', '\r\n', '\r', '  '];
const VALUES = [
  'http://e.com/',
  'https://e.com/?a=1&b=2',
  'x&amp;y',
  'x&amp',
  'x&ampy',
  '&copy=1',
  '&copy',
  '&copy;',
  '&not;it',
  '&notit=1',
  '&#38;',
  '&#x26',
  '&#128;',
  '&#0;',
  '&#xD800;',
  '&#x110000;',
  '&#99999999999999;',
  '&#',
  '&#x',
  '&',
  '&colon;&sol;',
  'a>b',
  'a<b',
  "a'b",
  'a"b',
  'a/',
  '/',
  '=',
  '`',
  '{{ x }}',
  'é😀',
  '\0',
  '\r\n',
  '-->',
  '</script>',
];
const NAMES = [
  'href',
  'href',
  'href',
  'href',
  'href',
  'HREF',
  'hRef',
  'src',
  'class',
  'data-x',
  'hre',
  'hreff',
  'h',
  '=href',
  '"',
  "'",
  '<',
  'href\0',
];
const RAW = ['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes'];
const TAGS = [
  'a',
  'a',
  'a',
  'a',
  'a',
  'area',
  'A',
  'area',
  'AREA',
  'p',
  'td',
  'abbr',
  'noscript',
  'body',
  'html',
  'bloc\u212a',
  'i',
  'img',
  'link',
];
const SCRAPS = [
  '<',
  '>',
  '</',
  '</>',
  '<!',
  '<?',
  '<!-',
  '<!--',
  '-->',
  '--!>',
  '<!-->',
  '<!--->',
  '<!--<!-->',
  '<!--a<!--->',
  '--',
  '-',
  '!',
  '--!',
  '<!doctype html>',
  '<!DOCTYPE "a>b">',
  '<!x>',
  '<?x?>',
  '</ a>',
  '< a>',
  '<1>',
  '</1>',
  '<![CDATA[',
  ']]>',
  '<![endif]-->',
  '<!--[if mso]>',
  '<![if !mso]>',
  '<![endif]>',
  '<!--script',
  '<script',
  '</script',
  '</scriptx>',
  '</script/>',
  '</ script>',
  '</style',
  '</STYLE >',
  'text',
  ' ',
  '\n',
  '"',
  "'",
  '=',
  '/',
  '&amp;',
  '\0',
  'é',
  '<a',
  '<a ',
  '<a href',
  '<a href=',
  '<a href="',
  "<a href='",
  '<area/href=x>',
  '<a/>',
  '<a//href=y/>',
];

const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const concat = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((strings) => strings.join(''));

const value = fc.array(pick(...VALUES), { maxLength: 3 }).map((parts) => parts.join(''));

const attribute = fc
  .tuple(pick(...NAMES), pick(...SPACE), pick(...SPACE), pick('"', "'", '', 'none'), value)
  .map(([name, before, after, quote, text]) =>
    quote === 'none' ? name : `${name}${before}=${after}${quote}${text}${quote}`,
  );

const attributes = fc
  .array(fc.tuple(pick(' ', '\n', '/', '\t', '', '\r'), attribute), { maxLength: 4 })
  .map((list) => list.flat().join(''));

const tag = (name: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  concat(pick('<', '<', '<', '</'), name, attributes, pick('>', '>', '>', ' >', '/>', ' / >', ''));

const cases = (names: string[]): fc.Arbitrary<string> =>
  pick(...names, ...names.map((name) => name.toUpperCase()));

/** Markup of all kinds, much of it broken, with links in it. */
const piece = fc.oneof(
  { arbitrary: tag(pick(...TAGS)), weight: 45 },
  { arbitrary: tag(cases(RAW)), weight: 8 },
  { arbitrary: cases(RAW).map((name) => `</${name}>`), weight: 15 },
  { arbitrary: pick(...SCRAPS), weight: 30 },
  { arbitrary: fc.constant('<plaintext>'), weight: 1 },
);

/** Documents that no one would write on purpose. */
export const nastyHtml = fc
  .array(piece, { minLength: 1, maxLength: 12 })
  .map((all) => all.join(''));

const inDrawing = fc.oneof(
  pick('<path/>', '<g>', '</g>', 'text', '<G/>', '<!-- <a href=no> -->', '<rect d="a>b">', '< '),
  pick('<title/>', '<style/>', '<script/>', '<textarea/>', '<svg/>', '<desc/>', '<plaintext>'),
  pick('<style><b-a href=1></style>', '<title><a href=2></a></title>', '<svg><path></svg>'),
  pick('<desc><style><a href=no></style></desc>', '<![CDATA[ > <a href=no> ]]>', '<![CDATA[]]>'),
  pick(
    '<a href=x>x</a>',
    '<a href="y"/>',
    "<a xlink:href=l href='z'>",
    '<a XLINK:href = "l">',
    '<a\thref = "a>b" >x</a>',
  ),
  pick('<foreignObject><div><title><a href=no></title><a href=f>f</a></div></foreignObject>'),
);

const drawing = fc.oneof(
  fc.array(inDrawing, { maxLength: 5 }).map((all) => `<svg xmlns="x">${all.join('')}</svg>`),
  fc.array(inDrawing, { maxLength: 3 }).map((all) => `<div><SVG>${all.join('')}</div>`),
  fc.array(inDrawing, { maxLength: 3 }).map((all) => `<svg>${all.join('')}<p>`),
  pick(
    '<math><mi><style><a href=no></style></mi><style/><a href=m></a></math>',
    '<svg/>',
    '<math/>',
  ),
);

const around = pick(
  '<p>',
  '<a href="b">',
  'text',
  '<style><svg></style>',
  '<!--<svg>-->',
  '<![CDATA[>',
);

/**
 * SVG and MathML in mails that are sound otherwise: in a broken one, only a tree can tell which
 * element an end tag belongs to.
 */
export const drawings = fc
  .array(fc.oneof(around, drawing), { minLength: 1, maxLength: 8 })
  .map((all) => all.join(''));

const outlook = fc.oneof(
  pick(
    '<!--[if mso]>',
    '<!--[if gte mso 9]>',
    '<!--[IF (mso)|(IE)]>',
    '<!--[if mso',
    '<!-- [if mso]>',
  ),
  pick(
    '<![endif]-->',
    '<![ENDIF] -->',
    '<![endif]--!>',
    '<![endif]',
    '-->',
    '<![end',
    '<!-- x -->',
  ),
  pick(
    '<![if !mso]>',
    '<![endif]>',
    '<!--[if !mso]><!-->',
    '<!--<![endif]-->',
    '<!--[if !mso]>-->',
  ),
);

const vml = concat(
  pick('<v:roundrect', '<V:RECT', '<v:shape', '<v:fill', '<v:oval', '<vv:rect'),
  attributes,
  pick('>', '/>', ''),
);

/** Mails made for Outlook by someone who mixed up the brackets. */
export const outlookMails = fc
  .array(
    fc.oneof(
      { arbitrary: outlook, weight: 4 },
      { arbitrary: vml, weight: 2 },
      { arbitrary: piece, weight: 3 },
    ),
    { minLength: 2, maxLength: 14 },
  )
  .map((all) => all.join(''));
