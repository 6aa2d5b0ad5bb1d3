/**
 * The named character references that a URL in a mail can hold, as data of the HTML standard
 * (https://html.spec.whatwg.org/entities.json). The standard has 2 231 names, nearly all of them
 * mathematical: a link that uses one of those is left alone rather than decoded wrongly.
 */

/** Every name whose expansion is plain ASCII: these can make up the syntax of a URL. */
const ASCII: Record<string, string> = {
  Tab: '\t',
  NewLine: '\n',
  excl: '!',
  QUOT: '"',
  quot: '"',
  num: '#',
  dollar: '$',
  percnt: '%',
  AMP: '&',
  amp: '&',
  apos: "'",
  lpar: '(',
  rpar: ')',
  ast: '*',
  midast: '*',
  plus: '+',
  comma: ',',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  LT: '<',
  lt: '<',
  equals: '=',
  GT: '>',
  gt: '>',
  quest: '?',
  commat: '@',
  lbrack: '[',
  lsqb: '[',
  bsol: '\\',
  rbrack: ']',
  rsqb: ']',
  Hat: '^',
  UnderBar: '_',
  lowbar: '_',
  DiacriticalGrave: '`',
  grave: '`',
  fjlig: 'fj',
  lbrace: '{',
  lcub: '{',
  VerticalLine: '|',
  verbar: '|',
  vert: '|',
  rbrace: '}',
  rcub: '}',
};

/** U+00A0 to U+00FF in order. The standard knows each of these without its semicolon, too. */
const LATIN_1 = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg ' +
  'plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 ' +
  'iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml ' +
  'Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash ' +
  'Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring ' +
  'aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve ' +
  'oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ');

/** Spelling variants that have been around for as long as {@link LATIN_1}. */
const OLD_ASCII = ['AMP', 'amp', 'GT', 'gt', 'LT', 'lt', 'QUOT', 'quot'];

/** What word processors and template authors put into text, and so into a query now and then. */
const TYPOGRAPHY: Record<string, string> = {
  hyphen: '\u2010',
  dash: '\u2010',
  ndash: '\u2013',
  mdash: '\u2014',
  hellip: '\u2026',
  bull: '\u2022',
  euro: '\u20ac',
  trade: '\u2122',
  lsquo: '\u2018',
  rsquo: '\u2019',
  ldquo: '\u201c',
  rdquo: '\u201d',
  zwj: '\u200d',
  zwnj: '\u200c',
  ensp: '\u2002',
  emsp: '\u2003',
  thinsp: '\u2009',
};

/** What a reference with its semicolon stands for. */
export const NAMED_REFERENCES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(ASCII),
  ...Object.entries(TYPOGRAPHY),
  ...LATIN_1.map((name, i): [string, string] => [name, String.fromCharCode(0xa0 + i)]),
  ['COPY', '\u00a9'],
  ['REG', '\u00ae'],
]);

/** The names that count without a semicolon, as in `?a=1&copy`. */
export const LEGACY_REFERENCES: ReadonlySet<string> = new Set([
  ...LATIN_1,
  ...OLD_ASCII,
  'COPY',
  'REG',
]);
