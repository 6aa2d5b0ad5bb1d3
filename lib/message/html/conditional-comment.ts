/** A part of a text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const CONDITION = /^<!--\[if[^\]>]*\]>/i;

const ENDIF = /<!\[endif\]\s*--!?>$/i;

/**
 * The markup inside a comment that Outlook reads and browsers skip:
 * `<!--[if mso]>…<![endif]-->` (Microsoft, "About conditional comments"). The forms that a browser
 * reads as well need no care: `<![if !mso]>` and the ends of `<!--[if !mso]><!-->` are comments of
 * their own to it, with ordinary markup between them.
 *
 * @param start where its `<!--` is
 * @param end behind its `-->`
 * @returns `undefined` for every other comment
 */
export function conditionalBody(html: string, start: number, end: number): Range | undefined {
  const comment = html.slice(start, end);
  const condition = CONDITION.exec(comment);
  if (condition === null) return undefined;
  const endif = ENDIF.exec(comment);
  return endif === null
    ? undefined
    : { start: start + condition[0].length, end: end - endif[0].length };
}

/** What begins markup that every client reads and Outlook may read differently. */
const REVEALED = /^(?:<!\[if[^\]>]*\]>|<!--\[if[^\]>]*\]>\s*(?:<!)?--!?>)/i;

/** What ends it. */
const REVEALED_END = /^<!(?:--\s*<!)?\[endif\]/i;

/**
 * Whether a comment begins or ends markup that only some versions of Outlook use, and that other
 * clients read as ordinary markup: `<![if mso]>…<![endif]>`, `<!--[if !mso]><!-->…<!--<![endif]-->`.
 *
 * @param start where its `<!` is
 * @param end behind its `>`
 */
export function revealedBy(html: string, start: number, end: number): boolean | undefined {
  const comment = html.slice(start, end);
  if (REVEALED.test(comment)) return true;
  return REVEALED_END.test(comment) ? false : undefined;
}
