/**
 * What is left in a URL for a template or an email service provider to fill in, as data. A link
 * with a placeholder is left alone: whoever fills it in later must find it as it was.
 */
const CERTAIN: readonly RegExp[] = [
  // Handlebars, Liquid, Jinja, Twig, Mustache; Klaviyo, Customer.io, Drip. Its end is not asked
  // for: a quote inside (`href="{{ url "x" }}"`) ends the attribute, white space ends a URL in text.
  /\{\{/,
  // Liquid and Jinja tags. `{%22a%22:1}` is JSON.
  /\{%(?:[-+\s]|$)/,
  /\{%[^}]{0,200}%\}/,
  // EJS, ERB, ASP; `<<name>>`. No URL holds this sign.
  /<[%<]/,
  // JavaScript, Freemarker, Velocity. `US${5}` is an amount.
  /\$\{(?:[^\d}]|$)/,
  // Mailchimp: `*|EMAIL|*`
  /\*\|/,
  // Salesforce Marketing Cloud: `%%=v(@url)=%%`, `%%email%%`
  /%%=|%%[^%]+%%/,
  // Salesforce (`{!Contact.Id}`), Blade (`{!! $url !!}`)
  /\{!/,
  // MailerLite, Smarty, Latte: `{$email}`
  /\{\$/,
  // Mautic (`{contactfield=email}`), `{contact.id}`
  /\{[a-z_]\w*[.=][\w.=:|-]+\}/i,
  // Template Toolkit: `[% url %]`. `a[%C3%A9]=1` is a query.
  /\[%(?:[-+=\s]|$)|\[%[^\]]{0,200}%\]/,
  // GetResponse, Mailjet: `[[email]]`. `[[1,2],[3,4]]` is data.
  /\[\[(?:$|\s*[a-z_][\w.:|\s-]*\]\])/i,
  // AcyMailing, MailPoet: `[subscriber:email]`; but neither `a[b:c]` nor an address
  /(?<![\w\]]|\/\/|@)\[[a-z_]\w*:[a-z_][\w:.|-]*\]/i,
  // TYPO3: `###EMAIL###`
  /###[\w.-]+###/,
  // Moosend: `#recipient:email#`
  /#[a-z_]\w*:\w+#/i,
  // Python and Ruby: `%(email)s`, `%{email}`
  /%\([a-z_]\w*\)[sdr]|%\{[a-z_]\w*\}/i,
  // ActiveCampaign, Mailgun: `%EMAIL%`, `%recipient.name%`; but neither `%u00e9%u00e8` nor what
  // escapes follow (`%C3%A9`, `50%off%20`): its last sign begins no escape
  /%(?!u[0-9a-f]{4}%|[0-9a-f]{2}%)[a-z][\w.-]*%(?![0-9a-f]{2})/i,
  // An opening that white space cut off in a text, or a quote in an attribute
  /[{[]$/,
];

/**
 * What is a placeholder to some systems and a part of real URLs to others. Such a link is left
 * alone, too, and the report warns of it: a count is lost if the guess is wrong, and the
 * destination if the other guess were.
 */
const LIKELY: readonly RegExp[] = [
  // `{email}`, `{user:email}`, but not the braces of a GUID
  /\{(?![0-9a-f]{8}-)[a-z_][\w:|-]*\}/i,
  // `?e=[EMAIL]`, `/[id]/`; not `?a[b]=c`
  /(?:^|[/=-])\[[a-z_][\w .-]*\](?![[=])/i,
  // `__EMAIL__`, `@@email@@`, `$EMAIL$`, `##email##`, `((email))`, `~~email~~`
  /__[A-Z][A-Z0-9_]*?__|@@\w+@@|\$[A-Z_]{2,}\$|##\w+##|\(\(\w+\)\)|~~\w+~~/,
  // What an editor made of `{{email}}`, `*|EMAIL|*` and `[[email]]`
  /%7B%7B|\*%7C\w+%7C\*|%5B%5B[a-z_]\w*%5D%5D/i,
];

/** What is a real URL more likely, and is tracked; the report warns of it. */
const UNLIKELY: readonly RegExp[] = [
  // `%email%20`: it may also be a bare percent sign before an escape (`50%off%20`).
  /%(?![0-9a-f]{2}|u[0-9a-f]{4})[a-z][\w.-]*%(?=[0-9a-f]{2})/i,
];

/** Every kind has one of these. */
const SIGN = /[{[<$*%#@~]|__|\(\(/;

/**
 * Whether something in a URL has still to be filled in.
 *
 * | answer | meaning |
 * | --- | --- |
 * | `yes` | a placeholder of a known system |
 * | `likely` | left alone, with a warning |
 * | `unlikely` | tracked, with a warning |
 * | `no` | a URL |
 */
export type PlaceholderGuess = 'yes' | 'likely' | 'unlikely' | 'no';

/** @param further patterns of the user's own, without the flags `g` and `y` */
export function guessPlaceholder(url: string, further: readonly RegExp[]): PlaceholderGuess {
  const isIn = (pattern: RegExp): boolean => pattern.test(url);
  if (further.some(isIn)) return 'yes';
  if (!SIGN.test(url)) return 'no';
  if (CERTAIN.some(isIn)) return 'yes';
  if (LIKELY.some(isIn)) return 'likely';
  return UNLIKELY.some(isIn) ? 'unlikely' : 'no';
}
